/** Lets work that names the same thing run one after the other, in the order of asking. */
export interface Turns {
  take<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export function limitConcurrency(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    take: (name, work) => {
      const mine = (last.get(name) ?? Promise.resolve()).then(work, work);
      last.set(name, mine);
      const done = () => {
        if (last.get(name) === mine) last.delete(name);
      };
      mine.then(done, done);
      return mine;
    },
  };
}
