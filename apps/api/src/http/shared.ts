/**
 * One answer for everyone who asks within `freshMs`: `ask` is called no more often than that, and by one at a time.
 * A failure goes to those who waited for it and is not kept.
 */
export function createShared<T>(options: {
  ask: () => Promise<T>;
  freshMs: number;
  now: () => number;
}): () => Promise<T> {
  const { ask, freshMs, now } = options;
  let latest: Promise<T> | undefined;
  let goodUntil = Number.NEGATIVE_INFINITY;

  return () => {
    if (latest !== undefined && now() < goodUntil) return latest;
    const asked = ask();
    latest = asked;
    goodUntil = Number.POSITIVE_INFINITY;
    asked.then(
      () => {
        goodUntil = now() + freshMs;
      },
      () => {
        latest = undefined;
      },
    );
    return asked;
  };
}
