/**
 * Waits for a promise, but no longer than `ms` milliseconds.
 * @returns whether it was fulfilled in time. @throws what the promise throws in time; later it is swallowed.
 */
export async function atMost(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
