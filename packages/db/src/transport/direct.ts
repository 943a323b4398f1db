import { TimeoutError, withTimeout } from '@darkroom/core/runtime/time/with-timeout';
import { noTracing, type Tracing } from '@darkroom/core/runtime/trace/tracing';
import pg from 'pg';
import { DatabaseUnavailable } from '../errors.ts';
import { createStatements } from './statement.ts';
import { toError } from './to-error.ts';
import type { Arguments, Transport } from './transport.ts';

export interface DirectOptions {
  /** A direct connection or a pooler in session mode: prepared statements and settings belong to the session. */
  databaseUrl: string;
  /** Maximum number of connections open at once. */
  poolSize: number;
  /** Name of the sessions in `pg_stat_activity`. */
  name?: string;
}

/** Connections are replaced after this long, so that a server that moved or changed is noticed. */
const maxLifetimeS = 30 * 60;
const idleMs = 60_000;

/**
 * Calls SQL functions over direct connections: each call is one prepared statement and one round trip. Uses the role
 * `service_role` when the role of the URL may switch to it.
 * @param options.timeoutMs Postgres cancels a statement after this long
 */
export function openDirect(options: DirectOptions & { timeoutMs: number; tracing?: Tracing }): Transport {
  const { databaseUrl, poolSize, timeoutMs: defaultMs, tracing = noTracing } = options;
  const statements = createStatements();
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: options.name ?? 'darkroom',
    max: poolSize,
    connectionTimeoutMillis: defaultMs,
    idleTimeoutMillis: idleMs,
    maxLifetimeSeconds: maxLifetimeS,
    keepAlive: true,
    onConnect: (client) => prepareSession(client, defaultMs),
  });
  // The next call replaces an idle connection that was lost. Without a listener the event would end the process.
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
    const endsAt = performance.now() + timeoutMs;
    const client = await connect(timeoutMs);
    // Not reused: a connection with a longer statement timeout, and one that may be broken.
    let discard = timeoutMs > defaultMs;
    try {
      const { rows } = await withTimeout(Math.max(0, endsAt - performance.now()), async () => {
        if (discard) await client.query(`set statement_timeout = ${timeoutMs}`);
        return client.query<{ result: unknown }>(statements.of(name, args, trace));
      });
      return rows[0]?.result ?? null;
    } catch (error) {
      const answered = error instanceof pg.DatabaseError && error.severity === 'ERROR';
      discard ||= !answered;
      throw toFailure(error, { unanswered: !answered, timeoutMs });
    } finally {
      client.release(discard);
    }
  }

  async function connect(timeoutMs: number): Promise<pg.PoolClient> {
    const connecting = pool.connect();
    try {
      return await withTimeout(timeoutMs, () => connecting);
    } catch (error) {
      // The connection may still open after the time limit: return it to the pool.
      connecting.then(
        (client) => client.release(),
        () => {},
      );
      throw toFailure(error, { unanswered: true, timeoutMs });
    }
  }
}

/** Times are in UTC, as in the Data API. Search path and rights are set by each function. */
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

/** Another session answered: prepared statements are missing or exist already. */
const otherSession = /^(26000|42P05)$/;

function toFailure(error: unknown, of: { unanswered: boolean; timeoutMs: number }): Error {
  if (error instanceof TimeoutError) {
    return new DatabaseUnavailable(`the database did not answer within ${of.timeoutMs} ms`);
  }
  const { code = '', message, detail } = error as { code?: string; message: string; detail?: string };
  if (otherSession.test(code)) {
    return new Error(
      `${message}: DATABASE_URL points to a pooler in transaction mode; use the direct connection or the pooler in session mode`,
    );
  }
  return toError({ code, message, details: detail ?? null }, of.unanswered);
}
