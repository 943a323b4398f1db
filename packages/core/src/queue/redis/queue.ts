import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Queue as BullQueue, type Telemetry } from 'bullmq';
import type { Log } from '../../runtime/log/log.ts';
import { settledWithin } from '../../runtime/time/with-timeout.ts';
import { readCounts } from '../counts.ts';
import { bullJob, deliveryId, queueName } from '../delivery.ts';
import type { RedisLocation } from '../location.ts';
import { createOutageGuard } from '../outage-guard.ts';
import { type Queue, QueueUnavailable } from '../queue.ts';
import { connectRedis, type RedisClient } from './client.ts';

/** Stored in BullMQ's own metadata, so that it is lost together with the queue's content. */
const epochField = 'darkroom_epoch';

/** The producer's side of the queue on Redis, Valkey or a Redis Cluster. */
export function openRedisQueue(location: RedisLocation, log: Log, telemetry?: Telemetry): Queue {
  const guard = createOutageGuard({ log });
  const client = connectRedis(location, 'producer', (error) => guard.failed(error));
  const bull = new BullQueue(queueName, {
    connection: client,
    prefix: location.prefix,
    // BullMQ would remember for good that waiting for the server, or reading its version, had failed once.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
    telemetry,
  });
  bull.on('error', (error) => guard.failed(error));
  let closed: Promise<void> | undefined;

  function call<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
    const outageKnown = guard.failing;
    return guard.call(timeoutMs, async (signal) => {
      await whenConnected(client, { outageKnown, signal });
      return work();
    });
  }

  /** A single delivery needs no transaction, but only `addBulk` lets a delivery carry a trace of its own. */
  async function add(jobs: ReturnType<typeof bullJob>[]): Promise<void> {
    const [job, ...others] = jobs;
    if (job && others.length === 0 && !job.opts.telemetry) await bull.add(job.name, job.data, job.opts);
    else await bull.addBulk(jobs);
  }

  return {
    backend: 'redis',
    async enqueue(deliveries, { timeoutMs = 1_000 } = {}) {
      if (deliveries.length === 0) return;
      await call(timeoutMs, () => add(deliveries.map(bullJob)));
    },
    async findMissing(deliveries, { timeoutMs = 1_000 } = {}) {
      if (deliveries.length === 0) return [];
      return call(timeoutMs, async () => {
        const keys = deliveries.map((delivery) => bull.toKey(deliveryId(delivery)));
        const unfinished = await areUnfinished(client, keys);
        return deliveries.filter((_delivery, index) => !unfinished[index]);
      });
    },
    epoch({ timeoutMs = 1_000 } = {}) {
      return call(timeoutMs, async () => {
        const key = bull.toKey('meta');
        const [, epoch] = await run(
          client.pipeline().hsetnx(key, epochField, randomUUID()).hget(key, epochField),
        );
        return String(epoch);
      });
    },
    counts: () => call(1_000, () => readCounts(bull)),
    isPaused: () => call(1_000, () => bull.isPaused()),
    close() {
      guard.mute();
      closed ??= closeAll(bull, client);
      return closed;
    },
  };
}

/** Waits until commands can be written; during a known outage it does not wait. */
async function whenConnected(
  client: RedisClient,
  { outageKnown, signal }: { outageKnown: boolean; signal: AbortSignal },
): Promise<void> {
  if (client.status === 'ready') return;
  if (outageKnown || client.status === 'end') throw new QueueUnavailable('Redis is not connected.');
  await once(client, 'ready', { signal });
}

/** Whether each key holds a delivery that has not finished. */
async function areUnfinished(client: RedisClient, keys: string[]): Promise<boolean[]> {
  const pipeline = client.pipeline();
  for (const key of keys) pipeline.hmget(key, 'timestamp', 'finishedOn');
  const rows = await run(pipeline);
  return rows.map((row) => {
    const [addedAt, finishedOn] = row as [string | null, string | null];
    return addedAt !== null && finishedOn === null;
  });
}

async function run(pipeline: ReturnType<RedisClient['pipeline']>): Promise<unknown[]> {
  const results = (await pipeline.exec()) ?? [];
  return results.map(([error, value]) => {
    if (error) throw error;
    return value;
  });
}

async function closeAll(bull: BullQueue, client: RedisClient): Promise<void> {
  await settledWithin(500, bull.close());
  client.disconnect();
}
