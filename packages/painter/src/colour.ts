/** Colours are `#rrggbb`. */

/** A colour between two: 0 is the first, 1 the second. */
export function mix(from: string, to: string, share: number): string {
  const [a, b] = [channels(from), channels(to)];
  return `#${a.map((value, at) => toHex(value + (b[at]! - value) * share)).join('')}`;
}

export function lighten(colour: string, share: number): string {
  return mix(colour, '#fffaf0', share);
}

/** Towards a deep blue rather than black, as shadows are. */
export function darken(colour: string, share: number): string {
  return mix(colour, '#1d1b3a', share);
}

/** From 0 (black) to 1 (white), as the eye sees it. */
export function brightness(colour: string): number {
  const [red, green, blue] = channels(colour);
  return (0.299 * red! + 0.587 * green! + 0.114 * blue!) / 255;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}

function toHex(value: number): string {
  return Math.round(Math.min(255, Math.max(0, value)))
    .toString(16)
    .padStart(2, '0');
}
