import type { Log } from '../runtime/log/log.ts';
import type { Coordination } from './coordination.ts';
import { parseQueueUrl } from './location.ts';
import { openPostgresCoordination } from './postgres/coordination.ts';
import { openRedisCoordination } from './redis/coordination.ts';

/**
 * Opens coordination on the server of the queue's URL. Does not wait for a connection.
 * @param options.timeoutMs how long a call waits for the server; 250 by default
 * @throws QueueUrlInvalid
 */
export function openCoordination(options: { url: string; log: Log; timeoutMs?: number }): Coordination {
  const { url, log, timeoutMs = 250 } = options;
  const location = parseQueueUrl(url);
  const settings = { log: log.with({ queue: location.backend, role: 'coordination' }), timeoutMs };
  return location.backend === 'redis'
    ? openRedisCoordination(location, settings)
    : openPostgresCoordination(location, settings);
}
