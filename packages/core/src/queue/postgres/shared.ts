import pg from 'pg';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { Log } from '../../log/log.ts';
import { createCaller } from '../caller.ts';
import { atMost } from '../deadline.ts';
import type { PostgresLocation } from '../location.ts';
import { QueueUnavailable } from '../queue.ts';
import { type Shared, sharedPatienceMs, type Window } from '../shared.ts';
import { isSchemaLost } from './connection.ts';
import { createSockets } from './sockets.ts';

/** How often what has run out is removed, in milliseconds. */
const cleanEveryMs = 60_000;
/** How long a connection may take to be made, in milliseconds. */
const connectMs = 5_000;

/** What the processes share, in tables of the queue's own schema. They are unlogged: nothing in them must survive. */
export function openPostgresShared({ url, schema, sessionOptions }: PostgresLocation, log: Log): Shared {
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
  const name = pg.escapeIdentifier(schema);
  const sql = statements(name);
  const limiters = new Map<string, RateLimiterPostgres>();
  const cleaning = setInterval(
    () => void ask(() => pool.query(sql.clean)).catch(() => undefined),
    cleanEveryMs,
  );
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
    return caller.ask(sharedPatienceMs, async () => {
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

  function limiterOf({ most, seconds }: Window): RateLimiterPostgres {
    const kind = `${most}/${seconds}`;
    const known = limiters.get(kind);
    if (known) return known;
    const limiter = new RateLimiterPostgres({
      storeClient: pool,
      storeType: 'pool',
      schemaName: schema,
      tableName: 'shared_count',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: '',
      points: most,
      duration: seconds,
    });
    limiters.set(kind, limiter);
    return limiter;
  }

  return {
    backend: 'postgres',
    count: (key, window) =>
      ask(async () => {
        const { consumedPoints, msBeforeNext } = await limiterOf(window).consume(key).catch(refused);
        return { counted: consumedPoints, resetMs: Math.max(0, msBeforeNext) };
      }),
    takePlace: (key, { most, windowMs }) =>
      ask(async () => {
        const { rows } = await pool.query<{ wait_ms: string | null }>(sql.takePlace, [key, most, windowMs]);
        const waitMs = rows[0]?.wait_ms ?? null;
        return waitMs === null ? { taken: true } : { taken: false, waitMs: Math.max(1, Number(waitMs)) };
      }),
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

/** Too many is an answer, no failure. */
function refused(reason: unknown): RateLimiterRes {
  if (reason instanceof RateLimiterRes) return reason;
  throw reason;
}

/** `clock_timestamp()` throughout: statements of one row wait for each other, and the time goes on meanwhile. */
function statements(schema: string) {
  const [counts, places, notes] = ['count', 'place', 'note'].map((table) => `${schema}.shared_${table}`);
  const ms = (interval: string) => `ceil(extract(epoch from ${interval}) * 1000)`;
  return {
    // Two processes that begin at once would both make the tables.
    create: `begin;
      select pg_advisory_xact_lock(hashtextextended('darkroom shared ' || ${pg.escapeLiteral(schema)}, 0));
      create schema if not exists ${schema};
      create unlogged table if not exists ${counts} (key varchar(255) primary key, points integer not null default 0, expire bigint);
      create unlogged table if not exists ${places} (
        key text primary key, taken timestamptz[] not null, turned_away integer not null default 0,
        turning_since timestamptz, waits_ms numeric);
      create unlogged table if not exists ${notes} (key text primary key, value text not null, expires_at timestamptz not null);
      commit`,
    // The places taken within the window, oldest first. Who is turned away gets the number of those turned away
    // before in this window, and comes back when that many more places are free.
    takePlace: `insert into ${places} as p (key, taken) values ($1, array[clock_timestamp()])
      on conflict (key) do update set (taken, turned_away, turning_since, waits_ms) = (
        select
          case when cardinality(f.fresh) < $2::integer then f.fresh || f.now else f.fresh end,
          case when cardinality(f.fresh) < $2::integer then p.turned_away else f.before + 1 end,
          case when cardinality(f.fresh) < $2::integer then p.turning_since
               when f.before = 0 then f.now else p.turning_since end,
          case when cardinality(f.fresh) < $2::integer then null
               else ${ms('f.fresh[1 + f.before % cardinality(f.fresh)] + f.span - f.now')} end
        from (
          select n.now, n.span,
            array(select at from unnest(p.taken) at where at > n.now - n.span order by at) as fresh,
            case when p.turning_since > n.now - n.span then p.turned_away else 0 end as before
          from (select clock_timestamp() as now, $3::numeric * interval '1 millisecond' as span) n
        ) f)
      returning waits_ms as wait_ms`,
    note: `insert into ${notes} as n (key, value, expires_at)
      values ($1, $2, clock_timestamp() + $3::numeric * interval '1 millisecond')
      on conflict (key) do update set value = excluded.value, expires_at = excluded.expires_at
        where case $4 when 'absent' then n.expires_at <= clock_timestamp()
                      when 'longer' then n.expires_at <= excluded.expires_at else true end`,
    erase: `delete from ${notes} n using unnest($1::text[], $2::text[]) as e (key, value)
      where n.key = e.key and (e.value is null or n.value = e.value)`,
    notes: `select key, value, ${ms('expires_at - clock_timestamp()')} as remaining_ms
      from ${notes} where expires_at > clock_timestamp()`,
    clean: `delete from ${notes} where expires_at <= clock_timestamp();
      delete from ${counts} where expire < extract(epoch from clock_timestamp()) * 1000 - 60000`,
  };
}
