import pg from 'pg';
import { createCaller } from '../caller.ts';
import { atMost } from '../deadline.ts';
import type { PostgresLocation } from '../location.ts';
import { QueueUnavailable } from '../queue.ts';
import type { Count, Shared, SharedOptions } from '../shared.ts';
import { isSchemaLost } from './connection.ts';
import { sharedStatements } from './shared-statements.ts';
import { createSockets } from './sockets.ts';

/** How often what has run out is removed, in milliseconds. */
const cleanEveryMs = 60_000;
/** How long that may take, in milliseconds: nobody waits for it. */
const cleanPatienceMs = 30_000;
/** How long a connection may take to be made, in milliseconds. */
const connectMs = 5_000;

/** What the processes share, in tables of the queue's own schema. They are unlogged: nothing in them must survive. */
export function openPostgresShared(
  { url, schema, sessionOptions }: PostgresLocation,
  { log, patienceMs }: Required<Omit<SharedOptions, 'url'>>,
): Shared {
  const caller = createCaller({ log });
  const sockets = createSockets();
  const pool = new pg.Pool({
    connectionString: url,
    max: 3,
    connectionTimeoutMillis: connectMs,
    query_timeout: 5_000,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
    ...(sessionOptions ? { options: sessionOptions } : {}),
    stream: () => sockets.open(),
  });
  pool.on('error', (error) => caller.failed(error));
  const sql = sharedStatements(schema);
  const cleaning = setInterval(() => void clean(), cleanEveryMs);
  cleaning.unref();
  let made: Promise<unknown> | undefined;
  /** The first connection may take its time; until then there is nothing to wait for. */
  let begun = false;
  void caller
    .ask(connectMs, tables)
    .catch(() => undefined)
    .finally(() => {
      begun = true;
    });
  let closed: Promise<void> | undefined;

  async function ask<T>(question: () => Promise<T>): Promise<T> {
    if (!begun) throw new QueueUnavailable('Postgres is not connected yet.');
    return caller.ask(patienceMs, async () => {
      try {
        await tables();
        return await question();
      } catch (error) {
        if (isSchemaLost(error)) made = undefined;
        throw error;
      }
    });
  }

  function tables(): Promise<unknown> {
    made ??= pool.query(sql.create).catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  }

  /** Neither a slow cleaning nor a failed one says that the server is away. */
  async function clean(): Promise<void> {
    if (!begun || caller.failing) return;
    const query: pg.QueryConfig & { query_timeout: number } = {
      text: sql.clean,
      query_timeout: cleanPatienceMs,
    };
    await pool.query(query).catch(() => undefined);
  }

  return {
    backend: 'postgres',
    count: (counters) =>
      ask(async () => {
        const counts: Count[] = [];
        for (const { key, most, seconds } of counters) {
          const { rows } = await pool.query<{ counted: number; reset_ms: string }>(sql.count, [key, seconds]);
          const { counted, reset_ms } = rows[0]!;
          counts.push({ counted, resetMs: Math.max(0, Number(reset_ms)) });
          if (counted > most) break;
        }
        return counts;
      }),
    takePlace: (key, { most, windowMs }) =>
      ask(async () => {
        type Answer = { wait_ms: string | null; place: string };
        const { rows } = await pool.query<Answer>(sql.takePlace, [key, most, windowMs]);
        const { wait_ms: waitMs, place } = rows[0]!;
        return waitMs === null
          ? { taken: true, place }
          : { taken: false, waitMs: Math.max(1, Number(waitMs)) };
      }),
    async givePlace(key, place) {
      await ask(() => pool.query(sql.givePlace, [key, place]));
    },
    note: (key, value, { ttlMs, if: only }) =>
      ask(async () => {
        const { rowCount } = await pool.query(sql.note, [key, value, Math.ceil(ttlMs), only]);
        return rowCount === 1;
      }),
    async erase(notes) {
      if (notes.length === 0) return;
      const [keys, values] = [notes.map(({ key }) => key), notes.map(({ value }) => value ?? null)];
      await ask(() => pool.query(sql.erase, [keys, values]));
    },
    notes: () =>
      ask(async () => {
        const { rows } = await pool.query<{ key: string; value: string; remaining_ms: string }>(sql.notes);
        return rows.map(({ key, value, remaining_ms }) => ({
          key,
          value,
          remainingMs: Number(remaining_ms),
        }));
      }),
    close() {
      caller.hush();
      clearInterval(cleaning);
      closed ??= atMost(500, pool.end()).then(() => sockets.destroy());
      return closed;
    },
  };
}
