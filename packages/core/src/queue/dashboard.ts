import { once } from 'node:events';
import { Queue as BullQueue, createPostgresBackend } from 'bullmq';
import type { Log } from '../runtime/log/log.ts';
import { settledWithin } from '../runtime/time/with-timeout.ts';
import { queueName } from './delivery.ts';
import { createErrorLog } from './error-log.ts';
import { type PostgresLocation, parseQueueUrl, type RedisLocation } from './location.ts';
import { callQueue } from './outage-guard.ts';
import { connectionTo } from './postgres/connection.ts';
import { createSockets } from './postgres/sockets.ts';
import { connectRedis } from './redis/client.ts';

/** BullMQ's own queue object, for the operators' dashboard and commands. Nothing else may depend on it. */
export interface DashboardQueue {
  queue: BullQueue;
  close(): Promise<void>;
}

const connectTimeoutMs = 3_000;

/**
 * Opens the queue for a dashboard. A failed attempt leaves nothing open and can be repeated.
 * @throws QueueUnavailable within three seconds when the server cannot be reached.
 */
export async function openDashboardQueue({ url, log }: { url: string; log: Log }): Promise<DashboardQueue> {
  const location = parseQueueUrl(url);
  const logError = createErrorLog({ log: log.with({ queue: location.backend, role: 'dashboard' }) });
  const opened = location.backend === 'redis' ? openOnRedis(location, logError) : openOnPostgres(location);
  opened.queue.on('error', logError);
  try {
    await callQueue(connectTimeoutMs, opened.ready);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

interface Opened extends DashboardQueue {
  ready(): Promise<unknown>;
}

function openOnRedis(location: RedisLocation, onError: (error: unknown) => void): Opened {
  const client = connectRedis(location, 'producer', onError);
  const queue = new BullQueue(queueName, {
    connection: client,
    prefix: location.prefix,
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
  });
  return {
    queue,
    ready: async () => client.status === 'ready' || once(client, 'ready'),
    async close() {
      await settledWithin(500, queue.close());
      client.disconnect();
    },
  };
}

function openOnPostgres(location: PostgresLocation): Opened {
  const sockets = createSockets();
  const connection = connectionTo(location, sockets, { max: 2 });
  const queue = new BullQueue(queueName, { connection }, createPostgresBackend);
  return {
    // The types differ only in their connection settings.
    queue: queue as unknown as BullQueue,
    ready: () => queue.waitUntilReady(),
    async close() {
      await settledWithin(500, queue.close());
      sockets.destroy();
    },
  };
}
