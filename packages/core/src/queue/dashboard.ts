import { once } from 'node:events';
import { Queue as BullQueue, createPostgresBackend } from 'bullmq';
import type { Log } from '../runtime/log/log.ts';
import { createComplaints } from './complaints.ts';
import { atMost, within } from './deadline.ts';
import { queueName } from './delivery.ts';
import { type PostgresLocation, parseQueueUrl, type RedisLocation } from './location.ts';
import { connectionTo } from './postgres/connection.ts';
import { createSockets } from './postgres/sockets.ts';
import { connectRedis } from './redis/client.ts';

/** BullMQ's own view of the queue, for operators: the dashboard and the commands. Nothing else may depend on it. */
export interface DashboardQueue {
  queue: BullQueue;
  close(): Promise<void>;
}

const patienceMs = 3_000;

/**
 * Opens the queue for a dashboard. When it fails, ask again at the next visit.
 * @throws QueueUnavailable within three seconds when the server cannot be reached.
 */
export async function openDashboardQueue({ url, log }: { url: string; log: Log }): Promise<DashboardQueue> {
  const location = parseQueueUrl(url);
  const complain = createComplaints({ log: log.with({ queue: location.backend, role: 'dashboard' }) });
  const opened = location.backend === 'redis' ? openOnRedis(location, complain) : openOnPostgres(location);
  opened.queue.on('error', complain);
  try {
    await within(patienceMs, opened.ready);
    return opened;
  } catch (error) {
    await opened.close();
    throw error;
  }
}

interface Opened extends DashboardQueue {
  ready(): Promise<unknown>;
}

function openOnRedis(location: RedisLocation, complain: (error: unknown) => void): Opened {
  const client = connectRedis(location, 'producer', complain);
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
      await atMost(500, queue.close());
      client.disconnect();
    },
  };
}

function openOnPostgres(location: PostgresLocation): Opened {
  const sockets = createSockets();
  const connection = connectionTo(location, sockets, { max: 2 });
  const queue = new BullQueue(queueName, { connection }, createPostgresBackend);
  return {
    // The types differ in their connection settings alone.
    queue: queue as unknown as BullQueue,
    ready: () => queue.waitUntilReady(),
    async close() {
      await atMost(500, queue.close());
      sockets.destroy();
    },
  };
}
