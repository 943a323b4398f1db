import { circle, oval, stroke } from '../svg.ts';

const INK = '#33283a';

/** Two eyes, awake or asleep. */
export function eyes(x: number, y: number, r: number, asleep: boolean, white = false): string {
  return [-x, x].map((at) => (asleep ? closed(at, y, r) : open(at, y, r, white))).join('');
}

function open(x: number, y: number, r: number, white: boolean): string {
  const ball = white ? oval(x, y, r * 1.45, r * 1.6, '#fffaf0') : '';
  return [
    ball,
    oval(x, y, r, r * 1.18, INK),
    circle(x - r * 0.32, y - r * 0.45, r * 0.36, '#ffffff'),
    circle(x + r * 0.34, y + r * 0.42, r * 0.17, '#ffffff', { opacity: 0.85 }),
  ].join('');
}

function closed(x: number, y: number, r: number): string {
  return stroke(`M${x - r * 1.3} ${y}Q${x} ${y + r * 1.5} ${x + r * 1.3} ${y}`, INK, r * 0.42);
}

export function blush(x: number, y: number, colour = '#f08c93'): string {
  return [-x, x].map((at) => oval(at, y, 12, 7.5, colour, { opacity: 0.45 })).join('');
}

/** A small nose and the smile below it. */
export function muzzle(y: number, options: { nose?: string; wide?: number; size?: number } = {}): string {
  const { nose = '#5b3b42', wide = 11, size = 6 } = options;
  const smile = `M${-wide} ${y + 8}Q${-wide / 2} ${y + 16} 0 ${y + 8.5}Q${wide / 2} ${y + 16} ${wide} ${y + 8}`;
  return [
    stroke(`M0 ${y}V${y + 8}`, INK, 2),
    stroke(smile, INK, 2.4),
    oval(0, y, size, size * 0.72, nose),
    oval(-size * 0.25, y - size * 0.26, size * 0.36, size * 0.18, '#ffffff', { opacity: 0.55 }),
  ].join('');
}

export function smile(y: number, half: number): string {
  return stroke(`M${-half} ${y}Q0 ${y + half * 1.1} ${half} ${y}`, INK, 2.6);
}

export function whiskers(x: number, y: number, colour: string): string {
  const side = (sign: number) =>
    [-5, 0, 5]
      .map(
        (drop) =>
          `M${sign * x} ${y + drop * 0.6}Q${sign * (x + 16)} ${y + drop * 1.1 - 1} ${sign * (x + 30)} ${y + drop * 2}`,
      )
      .join('');
  return stroke(side(-1) + side(1), colour, 1.3, { opacity: 0.75 });
}
