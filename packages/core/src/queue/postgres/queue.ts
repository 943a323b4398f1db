import { randomUUID } from 'node:crypto';
import {
  Queue as BullQueue,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  type Telemetry,
} from 'bullmq';
import type { Log } from '../../runtime/log/log.ts';
import { settledWithin } from '../../runtime/time/with-timeout.ts';
import { readCounts } from '../counts.ts';
import { bullJob, deliveryId, queueName } from '../delivery.ts';
import type { PostgresLocation } from '../location.ts';
import { createOutageGuard } from '../outage-guard.ts';
import { type Delivery, type Queue, QueueUnavailable } from '../queue.ts';
import { connectionTo, isSchemaLost } from './connection.ts';
import { createResilientBackend } from './resilient-backend.ts';
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
  const guard = createOutageGuard({ log });
  const sockets = createSockets();
  let opened: Promise<Bull> | undefined;
  let closed: Promise<void> | undefined;

  /** BullMQ would remember a failed first connection for good, so a queue that failed to open is discarded. */
  function bull(): Promise<Bull> {
    if (closed) throw new QueueUnavailable('The queue was closed.');
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  }

  async function open(): Promise<Bull> {
    const connection = connectionTo(location, sockets, { max: 3 });
    const queue: Bull = new BullQueue(queueName, { connection, telemetry }, createResilientBackend);
    queue.on('error', (error) => guard.failed(error));
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      void queue.close().catch(() => undefined);
      throw error;
    }
  }

  async function call<T>(timeoutMs: number, work: (queue: Bull) => Promise<T>): Promise<T> {
    try {
      return await guard.call(timeoutMs, async () => work(await bull()));
    } catch (error) {
      if (isSchemaLost((error as Error).cause)) forget();
      throw error;
    }
  }

  /** Makes the next call connect again and create the schema again. */
  function forget(): void {
    if (opened) void closeBull(opened).catch(() => undefined);
    opened = undefined;
  }

  async function closeAll(): Promise<void> {
    if (opened) await settledWithin(500, closeBull(opened));
    sockets.destroy();
  }

  return {
    backend: 'postgres',
    async enqueue(deliveries, { timeoutMs = 1_000 } = {}) {
      if (deliveries.length === 0) return;
      await call(timeoutMs, (queue) => queue.addBulk(deliveries.map(bullJob)));
    },
    async findMissing(deliveries, { timeoutMs = 1_000 } = {}) {
      if (deliveries.length === 0) return [];
      return call(timeoutMs, async (queue) => {
        const unfinished = await findUnfinished(queue, deliveries);
        return deliveries.filter((delivery) => !unfinished.has(deliveryId(delivery)));
      });
    },
    epoch: ({ timeoutMs = 1_000 } = {}) => call(timeoutMs, readEpoch),
    counts: () => call(1_000, readCounts),
    isPaused: () => call(1_000, (queue) => queue.isPaused()),
    close() {
      guard.mute();
      closed ??= closeAll();
      return closed;
    },
  };
}

async function closeBull(opened: Promise<Bull>): Promise<void> {
  await (await opened).close();
}

/** The ids of those deliveries that the queue holds and has not finished. */
async function findUnfinished(queue: Bull, deliveries: readonly Delivery[]): Promise<Set<string>> {
  const { rows } = await queue
    .getBackend()
    .connection.pool.query<{ id: string }>(
      'select id from job where queue = $1 and id = any($2) and finished_at_ms is null',
      [queueName, deliveries.map(deliveryId)],
    );
  return new Set(rows.map(({ id }) => id));
}

/** Stored in BullMQ's own metadata, so that it is lost together with the queue's content. */
async function readEpoch(queue: Bull): Promise<string> {
  const { rows } = await queue.getBackend().connection.pool.query<{ value: string }>(
    `insert into meta (queue, field, value) values ($1, 'darkroom_epoch', $2)
     on conflict (queue, field) do update set value = meta.value
     returning value`,
    [queueName, randomUUID()],
  );
  return rows[0]?.value ?? '';
}
