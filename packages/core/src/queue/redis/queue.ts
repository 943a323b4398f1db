import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Queue as BullQueue, type Telemetry } from 'bullmq';
import type { Log } from '../../runtime/log/log.ts';
import { createCaller } from '../caller.ts';
import { readCounts } from '../counts.ts';
import { atMost } from '../deadline.ts';
import { bullJob, deliveryId, queueName } from '../delivery.ts';
import type { RedisLocation } from '../location.ts';
import { type Queue, QueueUnavailable } from '../queue.ts';
import { connectRedis, type RedisClient } from './client.ts';

/** The field of BullMQ's own metadata that holds the mark, so that they live and die together. */
const epochField = 'darkroom_epoch';

/** The producer's side of the queue on Redis, Valkey or a Redis Cluster. */
export function openRedisQueue(location: RedisLocation, log: Log, telemetry?: Telemetry): Queue {
  const caller = createCaller({ log });
  const client = connectRedis(location, 'producer', (error) => caller.failed(error));
  const bull = new BullQueue(queueName, {
    connection: client,
    prefix: location.prefix,
    // Waiting for the server, or asking for its version, would be remembered as failed for good.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
    telemetry,
  });
  bull.on('error', (error) => caller.failed(error));
  let closed: Promise<void> | undefined;

  function ask<T>(timeoutMs: number, question: () => Promise<T>): Promise<T> {
    return caller.ask(timeoutMs, async () => {
      await connected(client, { outageKnown: caller.failing, timeoutMs });
      return question();
    });
  }

  /** One alone needs no transaction around it; but there BullMQ would not let a delivery keep a trace of its own. */
  async function add(jobs: ReturnType<typeof bullJob>[]): Promise<void> {
    const [job, ...others] = jobs;
    if (job && others.length === 0 && !job.opts.telemetry) await bull.add(job.name, job.data, job.opts);
    else await bull.addBulk(jobs);
  }

  return {
    backend: 'redis',
    async deliver(deliveries, { timeoutMs = 1_000 } = {}) {
      if (deliveries.length === 0) return;
      await ask(timeoutMs, () => add(deliveries.map(bullJob)));
    },
    async gone(deliveries, { timeoutMs = 1_000 } = {}) {
      if (deliveries.length === 0) return [];
      return ask(timeoutMs, async () => {
        const keys = deliveries.map((delivery) => bull.toKey(deliveryId(delivery)));
        const alive = await areAlive(client, keys);
        return deliveries.filter((_delivery, index) => !alive[index]);
      });
    },
    epoch({ timeoutMs = 1_000 } = {}) {
      return ask(timeoutMs, async () => {
        const key = bull.toKey('meta');
        const [, read] = await run(
          client.pipeline().hsetnx(key, epochField, randomUUID()).hget(key, epochField),
        );
        return String(read);
      });
    },
    counts: () => ask(1_000, () => readCounts(bull)),
    isPaused: () => ask(1_000, () => bull.isPaused()),
    close() {
      caller.hush();
      closed ??= closeAll(bull, client);
      return closed;
    },
  };
}

/**
 * Waits until commands can be written. While an outage is known, it does not wait at all: the caller has
 * better things to do than to find out again.
 */
async function connected(
  client: RedisClient,
  { outageKnown, timeoutMs }: { outageKnown: boolean; timeoutMs: number },
): Promise<void> {
  if (client.status === 'ready') return;
  if (outageKnown || client.status === 'end') throw new QueueUnavailable('Redis is not connected.');
  await once(client, 'ready', { signal: AbortSignal.timeout(timeoutMs) });
}

/** Whether each key is a delivery that has not finished. */
async function areAlive(client: RedisClient, keys: string[]): Promise<boolean[]> {
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
  await atMost(500, bull.close());
  client.disconnect();
}
