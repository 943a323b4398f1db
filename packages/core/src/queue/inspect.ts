import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { within } from './deadline.ts';
import { type PostgresLocation, parseQueueUrl, type RedisLocation } from './location.ts';
import { createSockets } from './postgres/sockets.ts';
import { connectRedis } from './redis/client.ts';

/** What the server behind the queue is like, as far as the queue depends on it. */
export type QueueServer = RedisServerFacts | PostgresServerFacts;

export interface RedisServerFacts {
  backend: 'redis';
  version: string;
  /** `noeviction`, or what the server throws away when its memory is full. */
  evictionPolicy: string;
  /** Whether writes survive a restart of the server. */
  appendOnly: boolean;
  /** A replica takes no writes. */
  writable: boolean;
  /** The server's own clock, in epoch milliseconds. */
  now: number;
}

export interface PostgresServerFacts {
  backend: 'postgres';
  version: string;
  /** Whether a notification reaches a session that listens: not so behind a transaction pooler. */
  notifies: boolean;
  now: number;
}

/**
 * Looks at the server that the queue's URL names. Leaves nothing there.
 * @throws QueueUrlInvalid, or QueueUnavailable after `timeoutMs` at the latest, with its cause.
 */
export async function inspectQueueServer(options: { url: string; timeoutMs: number }): Promise<QueueServer> {
  const location = parseQueueUrl(options.url);
  return location.backend === 'redis'
    ? inspectRedis(location, options.timeoutMs)
    : inspectPostgres(location, options.timeoutMs);
}

async function inspectRedis(location: RedisLocation, timeoutMs: number): Promise<RedisServerFacts> {
  let latest: unknown;
  // Patient, so that the first command waits for the connection; `within` puts an end to it.
  const client = connectRedis(location, 'consumer', (error) => {
    latest = error;
  });
  try {
    const [info, time] = await within(timeoutMs, () => Promise.all([client.info(), client.time()]));
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
    // What the connection said is the reason that nothing was answered in time.
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
    return await within(timeoutMs, async () => {
      await Promise.all([listener.connect(), notifier.connect()]);
      const { rows } = await notifier.query<{ version: string; now: Date }>(
        `select current_setting('server_version') as version, clock_timestamp() as now`,
      );
      const notifies = await hears(listener, notifier, timeoutMs / 2);
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

/** Whether what one session tells reaches another that listens. */
async function hears(listener: pg.Client, notifier: pg.Client, timeoutMs: number): Promise<boolean> {
  const channel = `darkroom_doctor_${randomUUID().replaceAll('-', '')}`;
  const heard = new Promise<true>((resolve) => listener.once('notification', () => resolve(true)));
  await listener.query(`listen ${channel}`);
  await notifier.query('select pg_notify($1, $2)', [channel, '']);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([heard, late]);
  } finally {
    clearTimeout(timer);
  }
}
