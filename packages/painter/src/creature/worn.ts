import { darken, lighten } from '../colour.ts';
import { box, circle, oval, polygon, shape, stroke } from '../svg.ts';
import type { DrawGear } from './gear.ts';

export const scarf: DrawGear = (creature, colour) => {
  const wool = colour ?? '#cf5650';
  const half = creature.neckHalf + 12;
  const stripes = [-0.6, -0.2, 0.2, 0.6].map((at) =>
    stroke(`M${half * at} -119q-2 10 0 19`, lighten(wool, 0.6), 4.5, { opacity: 0.75 }),
  );
  const end =
    shape('M16 -104Q34 -98 38 -60L17 -56Q16 -84 6 -100Z', darken(wool, 0.1)) +
    stroke('M19 -72L37 -76', lighten(wool, 0.6), 4.5, { opacity: 0.75 });
  const fringe = stroke('M18 -57v8M24 -58v8M30 -59v8M36 -60v8', wool, 2.4);
  return {
    neck:
      end +
      fringe +
      shape(
        `M${-half} -116Q0 -100 ${half} -116Q${half + 5} -106 ${half - 2} -99Q0 -82 ${-half + 2} -99Q${-half - 5} -106 ${-half} -116Z`,
        wool,
      ) +
      stripes.join(''),
  };
};

export const hat: DrawGear = ({ crownY: y }, colour) => {
  const wool = colour ?? '#4f7fae';
  const ribs = [-30, -10, 10, 30].map((x) =>
    stroke(`M${x} ${y + 6}v11`, darken(wool, 0.2), 2.4, { opacity: 0.6 }),
  );
  return {
    head: [
      circle(0, y - 45, 13, lighten(wool, 0.65)),
      shape(`M-44 ${y + 8}Q-44 ${y - 38} 0 ${y - 40}Q44 ${y - 38} 44 ${y + 8}Z`, wool),
      stroke(`M-36 ${y - 10}q9 -6 18 0t18 0t18 0t18 0`, lighten(wool, 0.65), 4, { opacity: 0.8 }),
      box(-48, y + 2, 96, 18, lighten(wool, 0.2), { rx: 9 }),
      ...ribs,
    ].join(''),
  };
};

export const wizardHat: DrawGear = ({ crownY: y }, colour) => {
  const cloth = colour ?? '#5a4b94';
  const star = (x: number, at: number, r: number) =>
    polygon(
      Array.from(
        { length: 10 },
        (_, n) =>
          [
            x + Math.sin((n * Math.PI) / 5) * (n % 2 ? r * 0.45 : r),
            at - Math.cos((n * Math.PI) / 5) * (n % 2 ? r * 0.45 : r),
          ] as const,
      ),
      '#f4d35e',
    );
  return {
    head: [
      oval(0, y + 10, 70, 15, darken(cloth, 0.2)),
      shape(
        `M-44 ${y + 8}Q-22 ${y - 44} 4 ${y - 92}Q20 ${y - 104} 40 ${y - 90}Q22 ${y - 84} 20 ${y - 70}Q34 ${y - 30} 44 ${y + 8}Q0 ${y + 20} -44 ${y + 8}Z`,
        cloth,
      ),
      shape(`M-44 ${y + 8}Q0 ${y + 20} 44 ${y + 8}L41 ${y - 4}Q0 ${y + 8} -40 ${y - 4}Z`, '#e0a23f'),
      star(-10, y - 30, 9),
      star(14, y - 52, 6),
      star(18, y - 18, 6),
    ].join(''),
  };
};

export const crown: DrawGear = ({ crownY: y }, colour) => {
  const gold = colour ?? '#f0c14b';
  const jewels = [
    ['-24', '#e2635b'],
    ['0', '#5aa5cf'],
    ['24', '#e2635b'],
  ].map(([x, jewel]) => circle(Number(x), y + 6, 4.4, jewel!));
  return {
    head: [
      shape(
        `M-42 ${y + 16}L-46 ${y - 26}L-24 ${y - 8}L0 ${y - 36}L24 ${y - 8}L46 ${y - 26}L42 ${y + 16}Q0 ${y + 24} -42 ${y + 16}Z`,
        gold,
      ),
      shape(
        `M8 ${y - 27}L24 ${y - 8}L46 ${y - 26}L42 ${y + 16}Q24 ${y + 20} 10 ${y + 20}Z`,
        darken(gold, 0.2),
        { opacity: 0.5 },
      ),
      ...[-46, 0, 46].map((x) => circle(x, x ? y - 28 : y - 39, 5, lighten(gold, 0.4))),
      ...jewels,
    ].join(''),
  };
};

export const glasses: DrawGear = ({ headY }, colour) => {
  const rim = { stroke: colour ?? '#4b3b46', 'stroke-width': 4 };
  const y = headY;
  return {
    head:
      [-29, 29].map((x) => circle(x, y, 20, '#dff1f7', { ...rim, 'fill-opacity': 0.3 })).join('') +
      stroke(
        `M-9 ${y - 3}Q0 ${y - 8} 9 ${y - 3}M-49 ${y - 4}L-62 ${y - 8}M49 ${y - 4}L62 ${y - 8}`,
        colour ?? '#4b3b46',
        4,
      ),
  };
};

export const headphones: DrawGear = ({ crownY, headY, headHalf }, colour) => {
  const shell = colour ?? '#e0704f';
  const cups = [-headHalf - 1, headHalf + 1].map(
    (x) =>
      box(x - 11, headY - 20, 22, 40, shell, { rx: 10 }) +
      box(x - 5, headY - 14, 10, 28, darken(shell, 0.3), { rx: 5 }),
  );
  return {
    head:
      stroke(
        `M${-headHalf - 1} ${headY - 14}C${-headHalf - 4} ${crownY - 22} ${headHalf + 4} ${crownY - 22} ${headHalf + 1} ${headY - 14}`,
        '#4b4658',
        8,
      ) + cups.join(''),
  };
};
