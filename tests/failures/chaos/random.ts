/** Draws that are the same for the same seed. */
export interface Random {
  /** From 0 up to, not with, 1. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  /** True in `share` of all draws, from 0 to 1. */
  chance(share: number): boolean;
  /** @throws for an empty list. */
  pick<T>(list: readonly T[]): T;
  shuffle<T>(list: readonly T[]): T[];
  /** Draws of its own: how many are made there changes nothing here. */
  fork(name: string): Random;
}

/** mulberry32: small, fast, good enough to choose disasters. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;

  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));

  return {
    next,
    between,
    chance: (share) => next() < share,
    pick(list) {
      if (list.length === 0) throw new Error('There is nothing to pick from.');
      return list[between(0, list.length - 1)] as (typeof list)[number];
    },
    shuffle(list) {
      const drawn = list.map((one) => ({ one, at: next() }));
      return drawn.sort((a, b) => a.at - b.at).map(({ one }) => one);
    },
    fork: (name) => createRandom((seed ^ hash(name)) >>> 0),
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}
