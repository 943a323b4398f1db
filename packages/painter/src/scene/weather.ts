import type { Sheet } from '../sheet.ts';
import { box, circle, oval, polygon, shape, stroke } from '../svg.ts';

/** What falls, drifts or glows before everything else. */
export function weather(sheet: Sheet): string {
  const { wish } = sheet;
  const falling = { rain, storm, snow, fog: () => '', clear: () => '' }[wish.weather](sheet);
  return falling + (wish.fireflies ? fireflies(sheet) : '') + (wish.weather === 'clear' ? leaves(sheet) : '');
}

function rain(sheet: Sheet): string {
  const { width, height, unit } = sheet;
  const random = sheet.random.fork('rain');
  const streaks = Array.from({ length: 170 }, () => {
    const [x, y, length] = [
      random.between(-0.1, 1.1) * width,
      random.between(-0.05, 1) * height,
      random.between(2.5, 6.5) * unit,
    ];
    return stroke(`M${x} ${y}l${-length * 0.22} ${length}`, '#f2f8fb', random.between(0.14, 0.34) * unit, {
      opacity: random.between(0.25, 0.6),
    });
  });
  const rings = Array.from({ length: 22 }, () => {
    const [x, y, r] = [
      random.between(0, width),
      random.between(0.84, 0.99) * height,
      random.between(0.8, 2.4) * unit,
    ];
    return oval(x, y, r, r * 0.3, 'none', { stroke: '#eef6fa', 'stroke-width': unit * 0.18, opacity: 0.5 });
  });
  return streaks.join('') + rings.join('');
}

function storm(sheet: Sheet): string {
  const { width, horizon, unit } = sheet;
  const random = sheet.random.fork('storm');
  let [x, y] = [
    width * (sheet.lightX < width / 2 ? random.between(0.6, 0.8) : random.between(0.2, 0.4)),
    horizon * 0.28,
  ];
  const [startX, startY] = [x, y];
  const bolt = Array.from({ length: 6 }, (_, at) => {
    x += (at % 2 ? 4.5 : -5.5) * unit * random.between(0.6, 1.2);
    y += (horizon * 0.66) / 6;
    return `L${x} ${y}`;
  }).join('');
  const line = `M${startX} ${startY}${bolt}`;
  return (
    stroke(line, '#fff3c4', unit * 2.6, { opacity: 0.25 }) + stroke(line, '#fffbe6', unit * 0.8) + rain(sheet)
  );
}

function snow(sheet: Sheet): string {
  const { width, height, unit } = sheet;
  const random = sheet.random.fork('snow');
  return Array.from({ length: 150 }, () =>
    circle(
      random.between(0, width),
      random.between(0, height),
      unit * (0.18 + 0.75 * random.between(0, 1) ** 3),
      '#ffffff',
      { opacity: random.between(0.5, 0.95) },
    ),
  ).join('');
}

/** Banks of fog, between the land and those in front. */
export function fog(sheet: Sheet): string {
  if (sheet.wish.weather !== 'fog') return '';
  const { width, height, horizon, unit } = sheet;
  const random = sheet.random.fork('fog');
  const veil = sheet.gradient('down', [
    [0, '#eef2f0', 0],
    [0.5, '#eef2f0', 0.75],
    [1, '#eef2f0', 0],
  ]);
  return (
    Array.from({ length: 6 }, (_, at) =>
      oval(
        random.between(0, width),
        horizon + (at - 2) * unit * 7,
        width * random.between(0.5, 0.9),
        unit * random.between(7, 11),
        veil,
        { opacity: 0.75 },
      ),
    ).join('') + box(0, 0, width, height, '#e6ecec', { opacity: 0.12 })
  );
}

function fireflies(sheet: Sheet): string {
  const { width, height, horizon, unit, palette } = sheet;
  const random = sheet.random.fork('fireflies');
  const glow = sheet.gradient('round', [
    [0, '#fff3b0', 0.95],
    [0.25, palette.lamp, 0.5],
    [1, palette.lamp, 0],
  ]);
  return Array.from({ length: 32 }, () => {
    const [x, y, r] = [
      random.between(0, width),
      random.between(horizon * 0.75, height),
      unit * random.between(0.8, 2.2),
    ];
    return circle(x, y, r, glow) + circle(x, y, r * 0.18, '#fffbe0');
  }).join('');
}

/** Leaves in autumn, petals in spring. */
function leaves(sheet: Sheet): string {
  const { width, height, unit, wish } = sheet;
  if (wish.season !== 'autumn' && wish.season !== 'spring') return '';
  const random = sheet.random.fork('leaves');
  const colours =
    wish.season === 'autumn' ? ['#d9713c', '#e7a33f', '#b9502f'] : ['#f7c3cf', '#fbdfe5', '#f2a5b8'];
  const fall = Array.from({ length: 36 }, () => {
    const [x, y, r] = [random.between(0, width), random.between(0, height), unit * random.between(0.6, 1.3)];
    const turn = random.between(0, 360);
    return shape(
      `M${x - r} ${y}Q${x} ${y - r * 0.9} ${x + r} ${y}Q${x} ${y + r * 0.7} ${x - r} ${y}Z`,
      random.pick(colours),
      { transform: `rotate(${turn} ${x} ${y})`, opacity: 0.9 },
    );
  });
  return fall.join('');
}

/** Light that falls into the image from its side, and a shadow around its edges. */
export function atmosphere(sheet: Sheet): string {
  const { width, height, palette, lightX } = sheet;
  const night = palette.time === 'night';
  const edge = sheet.gradient('round', [
    [0, '#1d1b3a', 0],
    [0.72, '#1d1b3a', 0],
    [1, '#1d1b3a', night ? 0.34 : 0.2],
  ]);
  const lean = lightX < width / 2 ? 1 : -1;
  const ray = (at: number) => {
    const [x, spread] = [lightX + lean * width * 0.09 * at, width * 0.05];
    return polygon(
      [
        [lightX, 0],
        [lightX + spread * 0.4, 0],
        [x + lean * width * 0.3 + spread, height],
        [x + lean * width * 0.3 - spread, height],
      ],
      palette.light,
      { opacity: 0.07 },
    );
  };
  const rays = palette.time === 'golden' || palette.time === 'dawn' ? [1, 3, 5].map(ray).join('') : '';
  return rays + box(-width * 0.22, -height * 0.22, width * 1.44, height * 1.44, edge);
}
