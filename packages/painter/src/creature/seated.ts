import { darken, lighten } from '../colour.ts';
import type { Sheet } from '../sheet.ts';
import { oval, shape, stroke } from '../svg.ts';

/** The body of a four-legged creature that sits and looks at us. */
export function seatedBody(sheet: Sheet, coat: string, belly: string, paws = coat): string {
  const fill = sheet.gradient('down', [
    [0, lighten(coat, 0.1)],
    [0.6, coat],
    [1, darken(coat, 0.14)],
  ]);
  const haunch = (sign: number) => oval(sign * 42, -27, 29, 29, darken(coat, 0.06));
  const leg = (sign: number) =>
    shape(
      `M${sign * 31} -52Q${sign * 33} -26 ${sign * 31} -4Q${sign * 18} 2 ${sign * 8} -4Q${sign * 8} -26 ${sign * 5} -48Q${sign * 16} -78 ${sign * 31} -52Z`,
      fill,
    );
  const paw = (sign: number, x: number, wide: number) =>
    oval(sign * x, -6, wide, 9.5, paws) +
    stroke(`M${sign * x - 5} -6v6M${sign * x + 4} -6v6`, darken(paws, 0.3), 1.6, { opacity: 0.7 });
  return [
    haunch(-1),
    haunch(1),
    paw(-1, 50, 19),
    paw(1, 50, 19),
    shape('M-46 -4C-62 -50 -42 -112 0 -120C42 -112 62 -50 46 -4Q0 6 -46 -4Z', fill),
    shape('M0 -106C27 -100 34 -62 28 -32Q0 -22 -28 -32C-34 -62 -27 -100 0 -106Z', belly),
    leg(-1),
    leg(1),
    stroke('M0 -60V-14', darken(belly, 0.2), 1.6, { opacity: 0.5 }),
    paw(-1, 19, 15),
    paw(1, 19, 15),
    ...[
      [-12, -96],
      [0, -90],
      [12, -96],
      [-5, -80],
      [7, -78],
    ].map(([x, y]) => stroke(`M${x! - 4} ${y}q4 6 8 0`, darken(belly, 0.16), 1.5, { opacity: 0.5 })),
  ].join('');
}

/** A space suit, for whoever wears it. */
export function suitBody(sheet: Sheet): string {
  const white = sheet.gradient('down', ['#ffffff', '#e4e6ef']);
  const limb = (sign: number) =>
    stroke(`M${sign * 40} -88Q${sign * 66} -70 ${sign * 56} -44`, '#f2f3f8', 27) +
    stroke(`M${sign * 61} -58L${sign * 47} -50`, '#e08a4a', 6);
  const boot = (sign: number) =>
    oval(sign * 29, -9, 25, 14, '#d9dbe6') + oval(sign * 29, -3.5, 26, 7, '#8d90a6');
  return [
    limb(-1),
    limb(1),
    boot(-1),
    boot(1),
    shape('M-48 -12C-60 -52 -46 -112 0 -116C46 -112 60 -52 48 -12Q0 2 -48 -12Z', white),
    shape('M22 -112C54 -92 58 -46 48 -12Q36 -7 24 -5C40 -40 38 -84 22 -112Z', '#8d90b4', { opacity: 0.28 }),
    stroke('M-52 -34Q0 -22 52 -34', '#c7cad8', 3),
    shape('M-25 -78H25Q28 -78 28 -75V-50Q28 -47 25 -47H-25Q-28 -47 -28 -50V-75Q-28 -78 -25 -78Z', '#c9cddd'),
    ...[
      ['-17', '#e2635b'],
      ['-5', '#f0c14b'],
      ['7', '#62a05e'],
    ].map(([x, colour]) => oval(Number(x), -68, 4, 4, colour!)),
    stroke('M-20 -56H-2M6 -56H20', '#8d90a6', 3),
    oval(0, -103, 56, 13, '#e9ebf2', { stroke: '#b9bdce', 'stroke-width': 2 }),
    oval(0, -99, 42, 5, '#c7cad8'),
    ...[-46, 46].map((x) => oval(x * 1.14, -41, 12.5, 12, '#d9dbe6')),
  ].join('');
}

/** A glass helmet around a head. */
export function helmet(sheet: Sheet, headY: number, half: number): string {
  const glass = sheet.gradient('round', [
    [0, '#dff3ff', 0.02],
    [0.8, '#cfeaff', 0.12],
    [1, '#bfe0ff', 0.42],
  ]);
  const r = half * 1.26;
  const y = headY - half * 0.12;
  return [
    oval(0, y, r, r * 0.98, glass, { stroke: '#eef6fc', 'stroke-width': 3.4 }),
    stroke(
      `M${-r * 0.74} ${y - r * 0.3}Q${-r * 0.6} ${y - r * 0.7} ${-r * 0.2} ${y - r * 0.82}`,
      '#ffffff',
      6,
      { opacity: 0.75 },
    ),
    stroke(
      `M${r * 0.62} ${y + r * 0.5}Q${r * 0.74} ${y + r * 0.3} ${r * 0.78} ${y + r * 0.05}`,
      '#ffffff',
      3.4,
      { opacity: 0.5 },
    ),
  ].join('');
}
