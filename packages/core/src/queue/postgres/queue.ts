import { randomUUID } from 'node:crypto';
import {
  Queue as BullQueue,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  type Telemetry,
} from 'bullmq';
import type { Log } from '../../runtime/log/log.ts';
import { createCaller } from '../caller.ts';
import { readCounts } from '../counts.ts';
import { atMost } from '../deadline.ts';
import { bullJob, deliveryId, queueName } from '../delivery.ts';
import type { PostgresLocation } from '../location.ts';
import { type Delivery, type Queue, QueueUnavailable } from '../queue.ts';
import { createHardyBackend } from './backend.ts';
import { connectionTo, isSchemaLost } from './connection.ts';
import { createSockets } from './sockets.ts';

type Bull = BullQueue<
  Delivery,
  void,
  string,
  Delivery,
  void,
  string,
  PostgresQueueBackend,
  PostgresConnectionOptions
>;

/** The producer's side of the queue in PostgreSQL. */
export function openPostgresQueue(location: PostgresLocation, log: Log, telemetry?: Telemetry): Queue {
  const caller = createCaller({ log });
  const sockets = createSockets();
  let opened: Promise<Bull> | undefined;
  let closed: Promise<void> | undefined;

  /** BullMQ remembers a failed first connection for good, so one that failed is thrown away. */
  function bull(): Promise<Bull> {
    if (closed) throw new QueueUnavailable('This queue was closed.');
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function open(): Promise<Bull> {
    const connection = connectionTo(location, sockets, { max: 3 });
    const queue: Bull = new BullQueue(queueName, { connection, telemetry }, createHardyBackend);
    queue.on('error', (error) => caller.failed(error));
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      void queue.close().catch(() => undefined);
      throw error;
    }
  }

  async function ask<T>(timeoutMs: number, question: (queue: Bull) => Promise<T>): Promise<T> {
    try {
      return await caller.ask(timeoutMs, async () => question(await bull()));
    } catch (error) {
      if (isSchemaLost((error as Error).cause)) forget();
      throw error;
    }
  }

  /** Lets the next call connect anew, and make the schema again. */
  function forget(): void {
    if (opened) void closeBull(opened).catch(() => undefined);
    opened = undefined;
  }

  async function closeAll(): Promise<void> {
    if (opened) await atMost(500, closeBull(opened));
    sockets.destroy();
  }

  return {
    backend: 'postgres',
    async deliver(deliveries, { timeoutMs = 1_000 } = {}) {
      if (deliveries.length === 0) return;
      await ask(timeoutMs, (queue) => queue.addBulk(deliveries.map(bullJob)));
    },
    async gone(deliveries, { timeoutMs = 1_000 } = {}) {
      if (deliveries.length === 0) return [];
      return ask(timeoutMs, async (queue) => {
        const alive = await aliveAmong(queue, deliveries);
        return deliveries.filter((delivery) => !alive.has(deliveryId(delivery)));
      });
    },
    epoch: ({ timeoutMs = 1_000 } = {}) => ask(timeoutMs, readEpoch),
    counts: () => ask(1_000, readCounts),
    isPaused: () => ask(1_000, (queue) => queue.isPaused()),
    close() {
      caller.hush();
      closed ??= closeAll();
      return closed;
    },
  };
}

async function closeBull(opened: Promise<Bull>): Promise<void> {
  await (await opened).close();
}

/** The ids of those deliveries that have not finished. */
async function aliveAmong(queue: Bull, deliveries: readonly Delivery[]): Promise<Set<string>> {
  const { rows } = await queue
    .getBackend()
    .connection.pool.query<{ id: string }>(
      'select id from job where queue = $1 and id = any($2) and finished_at_ms is null',
      [queueName, deliveries.map(deliveryId)],
    );
  return new Set(rows.map(({ id }) => id));
}

/** The mark is a field of BullMQ's own metadata, so that they live and die together. */
async function readEpoch(queue: Bull): Promise<string> {
  const { rows } = await queue.getBackend().connection.pool.query<{ value: string }>(
    `insert into meta (queue, field, value) values ($1, 'darkroom_epoch', $2)
     on conflict (queue, field) do update set value = meta.value
     returning value`,
    [queueName, randomUUID()],
  );
  return rows[0]?.value ?? '';
}
