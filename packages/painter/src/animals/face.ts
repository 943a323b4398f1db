import { both, circle, oval, shape, stroke } from '../svg.ts';

const INK = '#33283a';

/** Two open eyes. */
export function eyes(x: number, y: number, r: number): string {
  return [-x, x]
    .map(
      (at) =>
        oval(at, y, r, r * 1.18, INK) +
        circle(at - r * 0.32, y - r * 0.45, r * 0.36, '#ffffff') +
        circle(at + r * 0.34, y + r * 0.42, r * 0.17, '#ffffff', 0.85),
    )
    .join('');
}

export function cheeks(x: number, y: number): string {
  return both(oval(x, y, 12, 7.5, '#f08c93', 0.45));
}

/** A nose and the smile below it. */
export function muzzle(y: number, nose: string, size: number): string {
  const smile = `M-11 ${y + 8}Q-5.5 ${y + 16} 0 ${y + 8.5}Q5.5 ${y + 16} 11 ${y + 8}`;
  return [
    stroke(`M0 ${y}V${y + 8}${smile}`, INK, 2.4),
    oval(0, y, size, size * 0.72, nose),
    oval(-size * 0.25, y - size * 0.26, size * 0.36, size * 0.18, '#ffffff', 0.55),
  ].join('');
}

export function whiskers(y: number): string {
  return both(stroke(`M28 ${y - 3}l28 -7M28 ${y}h31M28 ${y + 3}l28 7`, '#fffaf0', 1.3, 0.75));
}

/** A round head around -160, `half` wide on each side. */
export function roundHead(half: number, fill: string): string {
  const [near, far] = [half * 0.58, -210];
  return shape(
    `M0 ${far}C${near} ${far} ${half} -188 ${half} -159C${half} -128 ${near} -107 0 -107C${-near} -107 ${-half} -128 ${-half} -159C${-half} -188 ${-near} ${far} 0 ${far}Z`,
    fill,
  );
}
