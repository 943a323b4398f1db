import type { Log } from '../runtime/log/log.ts';
import { TimeoutError, withTimeout } from '../runtime/time/with-timeout.ts';
import { createOutageLog } from './outage-log.ts';
import { QueueUnavailable } from './queue.ts';

/** Bounds calls to the queue's server, so that a producer fails fast while the server is away. */
export interface OutageGuard {
  /** Whether the latest call or connection event was a failure. */
  readonly failing: boolean;
  /** @throws QueueUnavailable within `timeoutMs`, with the cause where one is known. */
  call<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** Records an error that belongs to no call, such as a lost connection. */
  failed(error: unknown): void;
  /** Stops logging: closing connections causes errors of its own. */
  mute(): void;
}

/**
 * Creates an {@link OutageGuard}. During an outage one call at a time probes the server and the others are rejected at
 * once, so an outage costs a busy process little.
 */
export function createOutageGuard({ log }: { log: Log }): OutageGuard {
  const outage = createOutageLog({ log });
  let running = 0;
  let muted = false;

  function failed(error: unknown): void {
    if (!muted) outage.failed(error);
  }

  return {
    get failing() {
      return outage.failing;
    },
    failed,
    mute() {
      muted = true;
    },
    async call(timeoutMs, work) {
      if (outage.failing && running > 0) {
        throw new QueueUnavailable('The queue is unavailable; another call is probing it.');
      }
      running += 1;
      try {
        const result = await callQueue(timeoutMs, work);
        outage.succeeded();
        return result;
      } catch (error) {
        failed((error as QueueUnavailable).cause ?? error);
        throw error;
      } finally {
        running -= 1;
      }
    },
  };
}

/** Runs one call to the queue's server. @throws QueueUnavailable when it fails or takes longer than `timeoutMs` */
export async function callQueue<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await withTimeout(timeoutMs, work);
  } catch (cause) {
    if (cause instanceof QueueUnavailable) throw cause;
    if (cause instanceof TimeoutError) {
      throw new QueueUnavailable(`The queue did not answer within ${timeoutMs} ms.`);
    }
    throw new QueueUnavailable('The queue could not be reached or rejected the call.', { cause });
  }
}
