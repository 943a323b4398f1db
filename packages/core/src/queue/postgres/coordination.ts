import pg from 'pg';
import type { Log } from '../../runtime/log/log.ts';
import { settledWithin } from '../../runtime/time/with-timeout.ts';
import type { Coordination, Count } from '../coordination.ts';
import type { PostgresLocation } from '../location.ts';
import { createOutageGuard } from '../outage-guard.ts';
import { QueueUnavailable } from '../queue.ts';
import { isSchemaLost } from './connection.ts';
import { coordinationStatements } from './coordination-statements.ts';
import { createSockets } from './sockets.ts';

/** How often expired rows are deleted, in milliseconds. */
const cleanEveryMs = 60_000;
/** How long that may take, in milliseconds: nothing waits for it. */
const cleanTimeoutMs = 30_000;
const connectTimeoutMs = 5_000;

/** Coordination in tables of the queue's schema. They are unlogged, since nothing in them must survive. */
export function openPostgresCoordination(
  { url, schema, sessionOptions }: PostgresLocation,
  { log, timeoutMs }: { log: Log; timeoutMs: number },
): Coordination {
  const guard = createOutageGuard({ log });
  const sockets = createSockets();
  const pool = new pg.Pool({
    connectionString: url,
    max: 3,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: 5_000,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
    ...(sessionOptions ? { options: sessionOptions } : {}),
    stream: () => sockets.open(),
  });
  pool.on('error', (error) => guard.failed(error));
  const sql = coordinationStatements(schema);
  const cleaning = setInterval(() => void clean(), cleanEveryMs);
  cleaning.unref();
  let created: Promise<unknown> | undefined;
  /** Until the first connection attempt has ended, calls are rejected without waiting. */
  let connected = false;
  void guard
    .call(connectTimeoutMs, createTables)
    .catch(() => undefined)
    .finally(() => {
      connected = true;
    });
  let closed: Promise<void> | undefined;

  async function call<T>(work: () => Promise<T>): Promise<T> {
    if (!connected) throw new QueueUnavailable('Postgres is not connected yet.');
    return guard.call(timeoutMs, async () => {
      try {
        await createTables();
        return await work();
      } catch (error) {
        if (isSchemaLost(error)) created = undefined;
        throw error;
      }
    });
  }

  function createTables(): Promise<unknown> {
    created ??= pool.query(sql.create).catch((error: unknown) => {
      created = undefined;
      throw error;
    });
    return created;
  }

  /** Slow or failed cleaning does not count as an outage. */
  async function clean(): Promise<void> {
    if (!connected || guard.failing) return;
    const query: pg.QueryConfig & { query_timeout: number } = {
      text: sql.clean,
      query_timeout: cleanTimeoutMs,
    };
    await pool.query(query).catch(() => undefined);
  }

  return {
    backend: 'postgres',
    count: (counters) =>
      call(async () => {
        const counts: Count[] = [];
        for (const { key, limit, windowSeconds } of counters) {
          type Row = { count: number; reset_ms: string };
          const { rows } = await pool.query<Row>(sql.count, [key, windowSeconds]);
          const { count, reset_ms } = rows[0]!;
          counts.push({ count, resetMs: Math.max(0, Number(reset_ms)) });
          if (count > limit) break;
        }
        return counts;
      }),
    reserve: (key, { limit, windowMs }) =>
      call(async () => {
        type Row = { wait_ms: string | null; slot_id: string };
        const { rows } = await pool.query<Row>(sql.reserve, [key, limit, windowMs]);
        const { wait_ms: waitMs, slot_id: slotId } = rows[0]!;
        return waitMs === null
          ? { reserved: true, slotId }
          : { reserved: false, waitMs: Math.max(1, Number(waitMs)) };
      }),
    async release(key, slotId) {
      await call(() => pool.query(sql.release, [key, slotId]));
    },
    setValue: (key, value, { ttlMs, if: condition }) =>
      call(async () => {
        const { rowCount } = await pool.query(sql.setValue, [key, value, Math.ceil(ttlMs), condition]);
        return rowCount === 1;
      }),
    async deleteValues(values) {
      if (values.length === 0) return;
      const args = [values.map(({ key }) => key), values.map(({ value }) => value ?? null)];
      await call(() => pool.query(sql.deleteValues, args));
    },
    listValues: () =>
      call(async () => {
        type Row = { key: string; value: string; remaining_ms: string };
        const { rows } = await pool.query<Row>(sql.listValues);
        return rows.map(({ key, value, remaining_ms: ms }) => ({ key, value, remainingMs: Number(ms) }));
      }),
    close() {
      guard.mute();
      clearInterval(cleaning);
      closed ??= settledWithin(500, pool.end()).then(() => sockets.destroy());
      return closed;
    },
  };
}
