import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../runtime/log/log.ts';
import { readCounts } from './counts.ts';
import { openDashboardQueue } from './dashboard.ts';
import { parseQueueUrl } from './location.ts';
import { callQueue } from './outage-guard.ts';
import type { Queue } from './queue.ts';

export interface QueueStatus extends Awaited<ReturnType<Queue['counts']>> {
  backend: Queue['backend'];
  /** Workers take no deliveries until the queue is resumed. */
  paused: boolean;
}

/** What operators do with the whole queue. Every call throws QueueUnavailable when the server does not answer. */
export interface QueueControl {
  status(): Promise<QueueStatus>;
  /** Stops workers from taking deliveries; running ones continue and new ones are kept. Safe to repeat. */
  pause(): Promise<void>;
  /** Safe to repeat. */
  resume(): Promise<void>;
  /**
   * Pauses, then waits up to `timeoutMs` until no delivery is active.
   * @returns the status at the end; `active` above 0 means that the time ran out.
   */
  drain(options: {
    timeoutMs: number;
    signal?: AbortSignal;
    onStatus?: (status: QueueStatus) => void;
  }): Promise<QueueStatus>;
  close(): Promise<void>;
}

const callTimeoutMs = 5_000;
const pollEveryMs = 500;

/** Opens the queue that `url` names for an operator. @throws QueueUrlInvalid, QueueUnavailable within three seconds */
export async function openQueueControl({ url, log }: { url: string; log: Log }): Promise<QueueControl> {
  const { backend } = parseQueueUrl(url);
  const { queue, close } = await openDashboardQueue({ url, log });

  const control: QueueControl = {
    status: () =>
      callQueue(callTimeoutMs, async () => {
        const [counts, paused] = await Promise.all([readCounts(queue), queue.isPaused()]);
        return { backend, paused, ...counts };
      }),
    pause: () => callQueue(callTimeoutMs, () => queue.pause()),
    resume: () => callQueue(callTimeoutMs, () => queue.resume()),
    async drain({ timeoutMs, signal, onStatus }) {
      const endsAt = performance.now() + timeoutMs;
      await control.pause();
      for (;;) {
        const status = await control.status();
        onStatus?.(status);
        if (status.active === 0 || signal?.aborted || performance.now() >= endsAt) return status;
        await pause(pollEveryMs, undefined, { signal }).catch(() => undefined);
      }
    },
    close,
  };
  return control;
}
