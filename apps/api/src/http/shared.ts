/**
 * Shares one call of `ask` among concurrent callers and reuses its result for `freshMs` milliseconds. A failure reaches the
 * callers that waited for it and is not reused.
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
