import { createPostgresBackend } from 'bullmq';

/**
 * BullMQ's PostgreSQL backend with an error listener on every connection. BullMQ adds none to the client on which it creates
 * its schema, and an unheard error event would end the process. The failed query rejects regardless.
 */
export const createResilientBackend: typeof createPostgresBackend = (...args) => {
  const backend = createPostgresBackend(...args);
  const { pool } = backend.connection;
  pool.on('connect', (client) => client.on('error', () => undefined));
  return backend;
};
