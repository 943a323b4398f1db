import type { Log } from '../runtime/log/log.ts';
import { createAvailability } from './availability.ts';
import { within } from './deadline.ts';
import { QueueUnavailable } from './queue.ts';

/** Calls the queue's server on behalf of a producer. */
export interface Caller {
  /** Whether the last thing heard of the server was a failure. */
  readonly failing: boolean;
  /** @throws QueueUnavailable after `timeoutMs` at the latest, with the cause where there is one. */
  ask<T>(timeoutMs: number, question: () => Promise<T>): Promise<T>;
  /** Takes note of an error that no call is waiting for. */
  failed(error: unknown): void;
  /** Stops telling the log of errors, which closing brings about. */
  hush(): void;
}

/**
 * Creates a {@link Caller}. While the server is away, one call at a time finds out whether it is back and
 * the others fail at once, so an outage costs a busy process little.
 */
export function createCaller({ log }: { log: Log }): Caller {
  const availability = createAvailability({ log });
  let asking = 0;
  let hushed = false;

  function failed(error: unknown): void {
    if (!hushed) availability.failed(error);
  }

  return {
    get failing() {
      return availability.failing;
    },
    failed,
    hush() {
      hushed = true;
    },
    async ask(timeoutMs, question) {
      if (availability.failing && asking > 0) {
        throw new QueueUnavailable('The queue is away; another call is finding out whether it is back.');
      }
      asking += 1;
      try {
        const answer = await within(timeoutMs, question);
        availability.worked();
        return answer;
      } catch (error) {
        failed((error as QueueUnavailable).cause ?? error);
        throw error;
      } finally {
        asking -= 1;
      }
    },
  };
}
