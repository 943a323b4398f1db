/**
 * Shares one run of `work` among concurrent callers and reuses its result for `freshMs` milliseconds. A failure reaches the
 * callers that waited for it and is not reused. `now` is monotonic, in milliseconds.
 */
export function singleFlight<T>(options: {
  work: () => Promise<T>;
  freshMs: number;
  now: () => number;
}): () => Promise<T> {
  const { work, freshMs, now } = options;
  let latest: Promise<T> | undefined;
  let freshUntil = Number.NEGATIVE_INFINITY;

  return () => {
    if (latest !== undefined && now() < freshUntil) return latest;
    const run = work();
    latest = run;
    freshUntil = Number.POSITIVE_INFINITY;
    run.then(
      () => {
        freshUntil = now() + freshMs;
      },
      () => {
        latest = undefined;
      },
    );
    return run;
  };
}
