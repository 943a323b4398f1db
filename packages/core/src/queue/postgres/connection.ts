import type { PostgresConnectionOptions } from 'bullmq';
import type { PostgresLocation } from '../location.ts';
import type { Sockets } from './sockets.ts';

/**
 * Connection settings of a queue in Postgres. The first connection creates or upgrades the schema, one process at a time under
 * an advisory lock. All waiting is bounded, since a frozen server never answers.
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

/** Whether the error means that the queue's schema, or a table or function in it, does not exist. */
export function isSchemaLost(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === '3F000' || code === '42P01' || code === '42883';
}
