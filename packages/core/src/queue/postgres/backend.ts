import { createPostgresBackend } from 'bullmq';

/**
 * BullMQ's PostgreSQL backend, on connections that may be lost at any moment. BullMQ makes its schema on a client to
 * whose errors nobody listens, and an error that nobody hears ends the process; the query that was lost is told anyway.
 */
export const createHardyBackend: typeof createPostgresBackend = (...args) => {
  const backend = createPostgresBackend(...args);
  const { pool } = backend.connection;
  pool.on('connect', (client) => client.on('error', () => undefined));
  return backend;
};
