import type { Log } from '../runtime/log/log.ts';
import { parseQueueUrl } from './location.ts';
import { openRedisHints } from './redis/hints.ts';

/** "This job has changed: look." What it changed to is read from the row, so a lost or false hint does no harm. */
export interface Hint {
  jobId: string;
  /** Where it is known; it is needed for a job that nobody has seen yet. */
  userId?: string;
  /** What the change made of the row, where it is known: whoever has seen it need not look. */
  version?: number;
  /** The change is no end of the job: nothing to look for, for those who wait for that. */
  goesOn?: boolean;
}

/** Passes hints between the processes of a deployment. Best effort: at most once, to whoever listens at that moment. */
export interface Hints {
  /** Sends at once and forgets; never throws, and keeps nothing for a server that is away. */
  publish(hint: Hint): void;
  /** Returns the end of the subscription. */
  subscribe(listener: (hint: Hint) => void): () => void;
  /** Idempotent; never waits for an unreachable server. */
  close(): Promise<void>;
}

/**
 * Opens the hints of the queue that `url` names: Redis pub/sub. The queue on PostgreSQL carries none; whoever waits
 * there finds out when they look again.
 * @throws QueueUrlInvalid
 */
export function openHints({ url, log }: { url: string; log: Log }): Hints {
  const location = parseQueueUrl(url);
  const own = log.with({ queue: location.backend, role: 'hints' });
  return location.backend === 'redis' ? openRedisHints(location, own) : noHints;
}

/** For processes that hear of nothing but what they look up themselves. */
export const noHints: Hints = {
  publish: () => undefined,
  subscribe: () => () => undefined,
  close: async () => undefined,
};
