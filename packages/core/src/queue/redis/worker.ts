import { createRedisBackend, Worker, type WorkerOptions } from 'bullmq';
import type { Processor, WorkerSession } from '../consumer.ts';
import { queueName } from '../delivery.ts';
import type { RedisLocation } from '../location.ts';
import { withPollBackoff } from '../with-poll-backoff.ts';
import { connectRedis, type RedisClient } from './client.ts';

/** Opens a BullMQ worker on Redis whose connections can be cut. */
export function openRedisWorker(
  location: RedisLocation,
  processor: Processor,
  options: Omit<WorkerOptions, 'connection'>,
): WorkerSession {
  const stop = new AbortController();
  const client = connectRedis(location, 'consumer', () => undefined);
  const connections = withDuplicates(client);
  const worker = new Worker(
    queueName,
    processor,
    { ...options, prefix: location.prefix, connection: client },
    withPollBackoff(createRedisBackend, { signal: stop.signal }),
  );
  return {
    worker,
    destroy() {
      stop.abort();
      for (const connection of connections) connection.disconnect();
    },
  };
}

/** BullMQ duplicates the client for its blocking reads and does not expose the copy; this collects them all. */
function withDuplicates(client: RedisClient): readonly RedisClient[] {
  const connections: RedisClient[] = [client];
  const duplicate = client.duplicate.bind(client) as (...args: unknown[]) => RedisClient;
  client.duplicate = ((...args: unknown[]) => {
    const copy = duplicate(...args);
    connections.push(copy);
    return copy;
  }) as never;
  return connections;
}
