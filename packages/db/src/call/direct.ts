import { noTracing, type Tracing } from '@darkroom/core/runtime/trace/tracing';
import pg from 'pg';
import { DatabaseUnavailable } from '../errors.ts';
import type { Arguments, Transport } from './call.ts';
import { toError } from './outcome.ts';
import { createStatements } from './statement.ts';

export interface DirectOptions {
  /** A direct connection or a pooler in session mode: what is prepared and set belongs to the session. */
  databaseUrl: string;
  /** The most connections that are open at once. */
  poolSize: number;
  /** How the sessions are called in `pg_stat_activity`. */
  name?: string;
}

/** After this long a connection is made anew, so that a moved or changed server is noticed. */
const longestLifeS = 30 * 60;
const idleMs = 60_000;

/**
 * Functions called over connections of this process's own, each call one statement that was prepared before and one
 * round trip. Where the role of the URL may, the server's own role (service_role) is taken on.
 * @param options.timeoutMs the longest that Postgres goes on with a statement that nobody waits for any more
 */
export function createDirect(options: DirectOptions & { timeoutMs: number; tracing?: Tracing }): Transport {
  const { databaseUrl, poolSize, timeoutMs: usualMs, tracing = noTracing } = options;
  const statements = createStatements();
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: options.name ?? 'darkroom',
    max: poolSize,
    connectionTimeoutMillis: usualMs,
    idleTimeoutMillis: idleMs,
    maxLifetimeSeconds: longestLifeS,
    keepAlive: true,
    onConnect: (client) => prepareSession(client, usualMs),
  });
  // A connection that is lost while it rests is made anew by the next call; unheard, the event would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  let closed: Promise<void> | undefined;

  return {
    send(name, args, { timeoutMs }) {
      const trace = tracing.current();
      if (trace === null) return send(name, args, timeoutMs, null);
      return tracing.span(`database ${name}`, { kind: 'client' }, () => send(name, args, timeoutMs, trace));
    },
    close() {
      closed ??= pool.end();
      return closed;
    },
  };

  async function send(
    name: string,
    args: Arguments,
    timeoutMs: number,
    trace: string | null,
  ): Promise<unknown> {
    const limit = startLimit(timeoutMs);
    try {
      const client = await connect(limit);
      // A connection that was given more time than usual is not used again, and neither is one that may be broken.
      let spent = timeoutMs > usualMs;
      try {
        if (spent) await Promise.race([client.query(`set statement_timeout = ${timeoutMs}`), limit.over]);
        const { rows } = await Promise.race([
          client.query<{ result: unknown }>(statements.of(name, args, trace)),
          limit.over,
        ]);
        return rows[0]?.result ?? null;
      } catch (error) {
        const answered = error instanceof pg.DatabaseError && error.severity === 'ERROR';
        spent ||= !answered;
        throw failure(error, !answered);
      } finally {
        client.release(spent);
      }
    } finally {
      limit.end();
    }
  }

  async function connect(limit: Limit): Promise<pg.PoolClient> {
    const connecting = pool.connect();
    try {
      return await Promise.race([connecting, limit.over]);
    } catch (error) {
      // It may come when nobody waits for it any more.
      connecting.then(
        (client) => client.release(),
        () => {},
      );
      throw failure(error, true);
    }
  }
}

/** Times are told in UTC, as the Data API tells them; search paths and rights are those of the functions. */
async function prepareSession(client: pg.ClientBase, timeoutMs: number): Promise<void> {
  await client.query({
    text: `select set_config('timezone', 'UTC', false), set_config('statement_timeout', $1, false),
      (select set_config('role', rolname, false) from pg_catalog.pg_roles
        where rolname = 'service_role' and pg_catalog.pg_has_role(oid,
          case when current_setting('server_version_num')::integer >= 160000 then 'set' else 'member' end))`,
    values: [String(timeoutMs)],
    query_timeout: timeoutMs,
  } as pg.QueryConfig);
}

interface Limit {
  /** Rejects when the time is over. */
  over: Promise<never>;
  end(): void;
}

function startLimit(timeoutMs: number): Limit {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const timer = setTimeout(
    () => reject(new DatabaseUnavailable(`the database did not answer within ${timeoutMs} ms`)),
    timeoutMs,
  );
  return { over: promise, end: () => clearTimeout(timer) };
}

/** A session was promised and another one answers: statements that were prepared are not there, or are there already. */
const otherSession = /^(26000|42P05)$/;

function failure(error: unknown, unanswered: boolean): Error {
  if (error instanceof DatabaseUnavailable) return error;
  const { code = '', message, detail } = error as { code?: string; message: string; detail?: string };
  if (otherSession.test(code)) {
    return new Error(
      `${message}: DATABASE_URL leads through a pooler in transaction mode; give the direct connection or the pooler in session mode`,
    );
  }
  return toError({ code, message, details: detail ?? null }, unanswered);
}
