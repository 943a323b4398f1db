import { Pool, type PoolClient } from 'pg';
import { GatewayError } from './errors.ts';

const MAX_CONNECTIONS = 16;
const ACQUIRE_TIMEOUT_MS = 10_000;

export interface ConnectionPool {
  /** @throws GatewayError PGRST000 (503) when Postgres cannot be reached, PGRST003 (504) when all are busy. */
  acquire(): Promise<PoolClient>;
  /** Closes every connection; busy ones are closed by force after `graceMs`. Idempotent. */
  close(options: { graceMs: number }): Promise<void>;
}

/** Connections with time zone UTC, as on Supabase, and with pipelined statements. */
export function createPool(databaseUrl: string): ConnectionPool {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: 'rest gateway',
    // An idle connection has the role anon, so that no statement ever runs as the login role.
    options: '-c TimeZone=UTC -c role=anon',
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    pipeline: true,
  });
  const clients = new Set<PoolClient>();
  let closed: Promise<void> | undefined;

  // The query in progress already fails; an unhandled error event would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => {
    clients.add(client);
    client.on('error', () => {});
  });
  pool.on('remove', (client) => clients.delete(client));

  return {
    acquire: () =>
      pool.connect().catch((error: Error) => {
        throw pool.totalCount >= MAX_CONNECTIONS ? allBusy() : unreachable(error);
      }),
    close: ({ graceMs }) => {
      closed ??= closePool(pool, clients, graceMs);
      return closed;
    },
  };
}

function allBusy(): GatewayError {
  return new GatewayError(504, {
    code: 'PGRST003',
    message: 'Timed out acquiring connection from connection pool.',
  });
}

function unreachable(error: Error): GatewayError {
  return new GatewayError(503, {
    code: 'PGRST000',
    message: 'Database connection error. Retrying the connection.',
    details: error.message || String((error as NodeJS.ErrnoException).code),
  });
}

async function closePool(pool: Pool, clients: Set<PoolClient>, graceMs: number): Promise<void> {
  const cut = setTimeout(() => {
    for (const client of clients) client.connection.stream.destroy();
  }, graceMs);
  await pool.end();
  clearTimeout(cut);
}
