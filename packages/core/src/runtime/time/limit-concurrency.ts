/** Runs work when it is its turn: so much at a time, in the order in which it came. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

/** @param most at a time */
export function limitConcurrency(most: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;

  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      // Whoever is next takes the place over, so that nobody comes between.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
