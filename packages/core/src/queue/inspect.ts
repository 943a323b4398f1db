import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import pg from 'pg';
import { settledWithin } from '../runtime/time/with-timeout.ts';
import { type PostgresLocation, parseQueueUrl, type RedisLocation } from './location.ts';
import { callQueue } from './outage-guard.ts';
import { createSockets } from './postgres/sockets.ts';
import { connectRedis } from './redis/client.ts';

/** Properties of the queue's server that the queue depends on. */
export type QueueServer = RedisServerFacts | PostgresServerFacts;

export interface RedisServerFacts {
  backend: 'redis';
  version: string;
  /** `noeviction`, or which keys the server evicts when its memory is full. */
  evictionPolicy: string;
  /** Whether writes survive a restart of the server. */
  appendOnly: boolean;
  /** False for a replica. */
  writable: boolean;
  /** The server's own clock, in epoch milliseconds. */
  now: number;
}

export interface PostgresServerFacts {
  backend: 'postgres';
  version: string;
  /** Whether a notification reaches a listening session; behind a transaction pooler it does not. */
  notifies: boolean;
  now: number;
}

/**
 * Inspects the server that the queue's URL names. Writes nothing there.
 * @throws QueueUrlInvalid, or QueueUnavailable within `timeoutMs`, with its cause
 */
export async function inspectQueueServer(options: { url: string; timeoutMs: number }): Promise<QueueServer> {
  const location = parseQueueUrl(options.url);
  return location.backend === 'redis'
    ? inspectRedis(location, options.timeoutMs)
    : inspectPostgres(location, options.timeoutMs);
}

async function inspectRedis(location: RedisLocation, timeoutMs: number): Promise<RedisServerFacts> {
  let latest: unknown;
  // As a consumer the first command waits for the connection; `callQueue` bounds the wait.
  const client = connectRedis(location, 'consumer', (error) => {
    latest = error;
  });
  try {
    const [info, time] = await callQueue(timeoutMs, () => Promise.all([client.info(), client.time()]));
    const facts = readInfo(info);
    return {
      backend: 'redis',
      version: facts.get('redis_version') ?? 'unknown',
      evictionPolicy: facts.get('maxmemory_policy') ?? 'unknown',
      appendOnly: facts.get('aof_enabled') === '1',
      writable: facts.get('role') !== 'slave',
      now: Number(time[0]) * 1_000 + Number(time[1]) / 1_000,
    };
  } catch (error) {
    // The latest connection error is the reason why nothing was answered in time.
    if (latest instanceof Error && error instanceof Error) error.cause ??= latest;
    throw error;
  } finally {
    client.disconnect();
  }
}

function readInfo(info: string): Map<string, string> {
  const pairs = info.split(/\r?\n/).filter((line) => line.includes(':'));
  return new Map(
    pairs.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
}

async function inspectPostgres(location: PostgresLocation, timeoutMs: number): Promise<PostgresServerFacts> {
  const sockets = createSockets();
  const open = () => {
    const client = new pg.Client({ connectionString: location.url, stream: () => sockets.open() });
    client.on('error', () => undefined);
    return client;
  };
  const [listener, notifier] = [open(), open()];
  try {
    return await callQueue(timeoutMs, async () => {
      await Promise.all([listener.connect(), notifier.connect()]);
      const { rows } = await notifier.query<{ version: string; now: Date }>(
        `select current_setting('server_version') as version, clock_timestamp() as now`,
      );
      const notifies = await isNotified(listener, notifier, timeoutMs / 2);
      return {
        backend: 'postgres' as const,
        version: rows[0]?.version ?? 'unknown',
        notifies,
        now: Number(rows[0]?.now),
      };
    });
  } finally {
    sockets.destroy();
  }
}

/** Whether a notification of one session reaches another that listens. */
async function isNotified(listener: pg.Client, notifier: pg.Client, timeoutMs: number): Promise<boolean> {
  const channel = `darkroom_doctor_${randomUUID().replaceAll('-', '')}`;
  const notified = once(listener, 'notification');
  await listener.query(`listen ${channel}`);
  await notifier.query('select pg_notify($1, $2)', [channel, '']);
  return settledWithin(timeoutMs, notified);
}
