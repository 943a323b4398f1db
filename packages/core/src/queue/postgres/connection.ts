import type { PostgresConnectionOptions } from 'bullmq';
import type { PostgresLocation } from '../location.ts';
import type { Sockets } from './sockets.ts';

/**
 * Connection settings for a queue in Postgres. The schema is made or upgraded at the first connection; an
 * advisory lock lets one process do it at a time. All waiting is bounded: a frozen server answers nothing.
 */
export function connectionTo(
  location: PostgresLocation,
  sockets: Sockets,
  pool: { max: number },
): PostgresConnectionOptions {
  return {
    connectionString: location.url,
    schema: location.schema,
    migrate: true,
    max: pool.max,
    connectionTimeoutMillis: 5_000,
    query_timeout: 15_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    stream: () => sockets.open(),
    ...(location.sessionOptions ? { options: location.sessionOptions } : {}),
  };
}

/** Whether the error says that the queue's schema, a table or a function of it is not there (any more). */
export function isSchemaLost(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === '3F000' || code === '42P01' || code === '42883';
}
