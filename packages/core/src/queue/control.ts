import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../runtime/log/log.ts';
import { readCounts } from './counts.ts';
import { openDashboardQueue } from './dashboard.ts';
import { within } from './deadline.ts';
import { parseQueueUrl } from './location.ts';
import type { Queue } from './queue.ts';

export interface QueueStatus extends Awaited<ReturnType<Queue['counts']>> {
  backend: Queue['backend'];
  /** Workers take no delivery until the queue is resumed. */
  paused: boolean;
}

/** What operators do to the queue as a whole. Every call throws QueueUnavailable when the server does not answer. */
export interface QueueControl {
  status(): Promise<QueueStatus>;
  /** No worker takes another delivery; what is in hand goes on, and new deliveries are kept. Safe to repeat. */
  pause(): Promise<void>;
  /** Safe to repeat. */
  resume(): Promise<void>;
  /**
   * Pauses and waits until no delivery is in a worker's hands, `timeoutMs` at most.
   * @returns the status at the end; `active` above 0 means that the time was up.
   */
  drain(options: {
    timeoutMs: number;
    signal?: AbortSignal;
    onStatus?: (status: QueueStatus) => void;
  }): Promise<QueueStatus>;
  close(): Promise<void>;
}

const callMs = 5_000;
const lookEveryMs = 500;

/** Opens the queue that `url` names for an operator. @throws QueueUrlInvalid, QueueUnavailable within three seconds */
export async function openQueueControl({ url, log }: { url: string; log: Log }): Promise<QueueControl> {
  const { backend } = parseQueueUrl(url);
  const { queue, close } = await openDashboardQueue({ url, log });

  const control: QueueControl = {
    status: () =>
      within(callMs, async () => {
        const [counts, paused] = await Promise.all([readCounts(queue), queue.isPaused()]);
        return { backend, paused, ...counts };
      }),
    pause: () => within(callMs, () => queue.pause()),
    resume: () => within(callMs, () => queue.resume()),
    async drain({ timeoutMs, signal, onStatus }) {
      const until = performance.now() + timeoutMs;
      await control.pause();
      for (;;) {
        const status = await control.status();
        onStatus?.(status);
        if (status.active === 0 || signal?.aborted || performance.now() >= until) return status;
        await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
      }
    },
    close,
  };
  return control;
}
