import type { Log } from '../runtime/log/log.ts';
import { type Hints, noHints } from './hints.ts';
import { parseQueueUrl } from './location.ts';
import { openRedisHints } from './redis/hints.ts';

/**
 * Opens the hints of the queue that `url` names: Redis pub/sub. The queue on PostgreSQL has none; listeners there find
 * changes at their next poll.
 * @throws QueueUrlInvalid
 */
export function openHints({ url, log }: { url: string; log: Log }): Hints {
  const location = parseQueueUrl(url);
  if (location.backend !== 'redis') return noHints;
  return openRedisHints(location, log.with({ queue: location.backend, role: 'hints' }));
}
