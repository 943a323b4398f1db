/** Colours are `#rrggbb`. */

/** A colour between two: 0 is the first, 1 the second. */
export function mix(from: string, to: string, share: number): string {
  const [a, b] = [channels(from), channels(to)];
  const mixed = a.map((value, at) => Math.round(value + (b[at]! - value) * Math.min(1, Math.max(0, share))));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

export function lighten(colour: string, share: number): string {
  return mix(colour, '#fffaf0', share);
}

/** Towards a deep blue rather than black, as shadows are. */
export function darken(colour: string, share: number): string {
  return mix(colour, SHADOW, share);
}

export const SHADOW = '#1d1b3a';

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
}
