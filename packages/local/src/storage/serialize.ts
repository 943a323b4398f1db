/** Runs work for the same key one after the other, in the order of the calls. */
export type Serialize = <T>(key: string, work: () => Promise<T>) => Promise<T>;

export function createSerialize(): Serialize {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, mine);
    const done = () => {
      if (last.get(key) === mine) last.delete(key);
    };
    mine.then(done, done);
    return mine;
  };
}
