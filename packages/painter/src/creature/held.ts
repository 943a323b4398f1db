import { darken, lighten } from '../colour.ts';
import { box, circle, oval, polygon, shape, stroke } from '../svg.ts';
import type { Creature } from './creature.ts';
import type { DrawGear } from './gear.ts';

/** Both paws, closed around what they hold. */
function hold(creature: Creature, y: number, apart: number): string {
  return [-apart, apart]
    .map(
      (x) =>
        oval(x, y, 12, 10.5, creature.paw) +
        stroke(`M${x - 4} ${y - 2}v6M${x + 3} ${y - 2}v6`, darken(creature.paw, 0.3), 1.5, { opacity: 0.6 }),
    )
    .join('');
}

export const cup: DrawGear = (creature, colour) => {
  const china = colour ?? '#f7efe0';
  const steam = [-11, 1, 13].map((x) =>
    stroke(`M${x} -92q-7 -9 0 -18t0 -18`, '#ffffff', 4.2, { opacity: 0.6 }),
  );
  const mug =
    shape('M-28 -84H28L24 -44Q22 -36 14 -36H-14Q-22 -36 -24 -44Z', china) +
    shape('M8 -84H28L24 -44Q22 -36 14 -36H4Q14 -56 8 -84Z', darken(china, 0.14), { opacity: 0.6 });
  const handle = stroke('M27 -74Q45 -72 41 -58Q38 -49 25 -51', china, 6.5);
  const heart = shape(
    'M0 -50C-14 -60 -10 -72 0 -65C10 -72 14 -60 0 -50Z',
    colour ? lighten(colour, 0.6) : '#e2706a',
  );
  return {
    hands:
      handle +
      mug +
      oval(0, -84, 28, 6.5, lighten(china, 0.4)) +
      oval(0, -84, 23.5, 4.8, '#8a5a3c') +
      heart +
      steam.join('') +
      hold(creature, -56, 32),
  };
};

export const book: DrawGear = (creature, colour) => {
  const cover = colour ?? '#b5564c';
  const lines = [-62, -55, -48].map((y) =>
    stroke(`M-34 ${y + 3}L-9 ${y}M34 ${y + 3}L9 ${y}`, '#b9a98f', 1.8),
  );
  return {
    hands: [
      shape('M0 -72Q-24 -80 -48 -72V-30Q-24 -38 0 -28Q24 -38 48 -30V-72Q24 -80 0 -72Z', cover),
      shape('M0 -74Q-22 -81 -43 -74V-36Q-22 -43 0 -34Z', '#fdf6e6'),
      shape('M0 -74Q22 -81 43 -74V-36Q22 -43 0 -34Z', '#f4e9d2'),
      stroke('M0 -73V-34', '#cdbb9b', 1.6),
      ...lines,
      hold(creature, -42, 44),
    ].join(''),
  };
};

export const cake: DrawGear = (creature, colour) => {
  const icing = colour ?? '#f5b5c2';
  const candles = [-18, 0, 18].map(
    (x) =>
      box(x - 2.4, -100, 4.8, 18, '#7fb3d9', { rx: 2 }) +
      shape(`M${x} -114Q${x + 6} -104 ${x} -101Q${x - 6} -104 ${x} -114Z`, '#ffc857'),
  );
  return {
    hands: [
      box(-40, -70, 80, 34, '#f3dcb5', { rx: 7 }),
      shape(
        'M-42 -66Q-42 -84 -32 -84H32Q42 -84 42 -66Q36 -56 29 -65Q22 -54 14 -65Q7 -54 0 -65Q-7 -54 -14 -65Q-22 -54 -29 -65Q-36 -56 -42 -66Z',
        icing,
      ),
      stroke('M-38 -46H38', '#e2706a', 4),
      ...candles,
      oval(0, -35, 50, 6, '#ffffff'),
      hold(creature, -38, 44),
    ].join(''),
  };
};

export const flower: DrawGear = (creature, colour) => {
  const petal = colour ?? '#f3a6b6';
  const bloom = (x: number, y: number, r: number, fill: string) =>
    Array.from({ length: 6 }, (_, at) =>
      oval(x, y - r * 0.72, r * 0.42, r * 0.7, fill, { transform: `rotate(${at * 60} ${x} ${y})` }),
    ).join('') + circle(x, y, r * 0.42, '#f4c84e');
  const stems = stroke('M0 -40L-14 -80M0 -40L2 -92M0 -40L17 -78', '#5f9157', 4);
  return {
    hands:
      stems +
      bloom(-15, -84, 15, petal) +
      bloom(17, -82, 14, lighten(petal, 0.5)) +
      bloom(1, -98, 15, '#f0a24f') +
      hold(creature, -44, 10),
  };
};

export const guitar: DrawGear = (creature, colour) => {
  const wood = colour ?? '#c98544';
  return {
    hands: [
      stroke('M10 -58L86 -108', '#6b4634', 9) + stroke('M84 -107L98 -116', '#4b3030', 14),
      shape(
        'M-52 -26C-60 -52 -34 -68 -18 -60C-8 -76 22 -76 24 -54C26 -38 10 -34 2 -32C4 -10 -40 -2 -52 -26Z',
        wood,
      ),
      circle(-10, -46, 10, '#5a3a2c'),
      stroke('M-30 -30L90 -111M-33 -34L87 -114', '#f7ead0', 1.2),
      stroke('M-40 -38L-30 -22', '#5a3a2c', 5),
      oval(-26, -40, 12, 10.5, creature.paw) + oval(58, -86, 12, 10.5, creature.paw),
    ].join(''),
  };
};

export const umbrella: DrawGear = (creature, colour) => {
  const cloth = colour ?? '#e0665c';
  const top = creature.crownY - 98;
  const panels = `M-118 ${top + 62}C-108 ${top + 6} -52 ${top} 0 ${top}C52 ${top} 108 ${top + 6} 118 ${top + 62}Q98 ${top + 48} 78 ${top + 60}Q58 ${top + 46} 39 ${top + 60}Q20 ${top + 46} 0 ${top + 60}Q-20 ${top + 46} -39 ${top + 60}Q-58 ${top + 46} -78 ${top + 60}Q-98 ${top + 48} -118 ${top + 62}Z`;
  const light = `M-39 ${top + 60}Q-34 ${top + 16} 0 ${top}Q34 ${top + 16} 39 ${top + 60}Q20 ${top + 46} 0 ${top + 60}Q-20 ${top + 46} -39 ${top + 60}Z`;
  return {
    behind: stroke(`M52 -40V${top + 20}`, '#6b4c39', 5),
    head:
      stroke(`M0 ${top}v-12`, '#6b4c39', 5) +
      shape(panels, cloth) +
      shape(light, lighten(cloth, 0.4), { opacity: 0.7 }) +
      shape(
        `M39 ${top + 60}Q34 ${top + 16} 0 ${top}C52 ${top} 108 ${top + 6} 118 ${top + 62}Q98 ${top + 48} 78 ${top + 60}Q58 ${top + 46} 39 ${top + 60}Z`,
        '#1d1b3a',
        { opacity: 0.12 },
      ),
    hands:
      stroke('M52 -62V-28Q52 -18 61 -18Q69 -18 69 -27', '#6b4c39', 5) + oval(52, -54, 13, 11.5, creature.paw),
  };
};

export const toyBalloon: DrawGear = (creature, colour) => {
  const skin = colour ?? '#e2635b';
  return {
    behind: stroke('M56 -52C66 -110 92 -150 96 -198', '#8a7f8c', 1.8),
    hands: oval(54, -50, 12, 11, creature.paw),
    head: [
      oval(98, -244, 36, 44, skin),
      polygon(
        [
          [92, -201],
          [104, -201],
          [98, -194],
        ],
        darken(skin, 0.2),
      ),
      oval(86, -262, 8, 14, '#ffffff', { opacity: 0.55, transform: 'rotate(22 86 -262)' }),
    ].join(''),
  };
};

export const lantern: DrawGear = (creature) => ({
  hands: [
    circle(58, -36, 36, '#ffe19a', { opacity: 0.14 }),
    circle(58, -36, 25, '#ffe19a', { opacity: 0.22 }),
    stroke('M46 -58Q58 -76 70 -58', '#4b4658', 3.4),
    box(45, -58, 26, 6, '#4b4658', { rx: 2 }) +
      box(47, -52, 22, 32, '#ffe6a3', { rx: 4 }) +
      box(45, -22, 26, 6, '#4b4658', { rx: 2 }),
    shape('M58 -44Q66 -32 58 -26Q50 -32 58 -44Z', '#f2973c'),
    oval(56, -66, 12, 10.5, creature.paw),
  ].join(''),
});
