import type { Telemetry } from 'bullmq';
import type { Log } from '../runtime/log/log.ts';
import { type ConsumerOptions, createConsumer } from './consumer.ts';
import { parseQueueUrl } from './location.ts';
import { openPostgresQueue } from './postgres/queue.ts';
import { openPostgresWorker } from './postgres/worker.ts';
import type { Consumer, Queue } from './queue.ts';
import { openRedisQueue } from './redis/queue.ts';
import { openRedisWorker } from './redis/worker.ts';

/**
 * Opens the queue that `url` names: BullMQ on Redis, or on PostgreSQL (whose schema is created when missing).
 * Does not wait for the server; calls fail fast until it is reachable.
 * @throws QueueUrlInvalid
 */
export function openQueue(options: { url: string; log: Log; telemetry?: Telemetry }): Queue {
  const { url, log, telemetry } = options;
  const location = parseQueueUrl(url);
  const own = log.with({ queue: location.backend, role: 'producer' });
  return location.backend === 'redis'
    ? openRedisQueue(location, own, telemetry)
    : openPostgresQueue(location, own, telemetry);
}

/**
 * Creates a consumer of the queue that `url` names. After `start()` it waits without limit for a server that is away.
 * @throws QueueUrlInvalid
 */
export function openConsumer({ url, log, ...options }: ConsumerOptions & { url: string }): Consumer {
  const location = parseQueueUrl(url);
  const own = log.with({ queue: location.backend, role: 'consumer' });
  return createConsumer({ ...options, log: own }, (processor, workerOptions, onSchemaLost) =>
    location.backend === 'redis'
      ? openRedisWorker(location, processor, workerOptions)
      : openPostgresWorker(location, processor, workerOptions, onSchemaLost),
  );
}
