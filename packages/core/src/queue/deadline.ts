import { QueueUnavailable } from './queue.ts';

/**
 * Runs `work` for at most `timeoutMs`. What comes after that, a rejection included, is dropped.
 * @throws QueueUnavailable when it takes longer, or with the cause when it fails.
 */
export async function within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new QueueUnavailable(`The queue did not answer within ${timeoutMs} ms.`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work(), late]);
  } catch (cause) {
    throw cause instanceof QueueUnavailable
      ? cause
      : new QueueUnavailable('The queue could not be reached or refused.', { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for `work`, but no longer than `timeoutMs`; whether it fails does not matter. */
export async function atMost(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([work.catch(() => undefined), late]);
  clearTimeout(timer);
}
