import {
  type JobProgress,
  type PostgresConnectionOptions,
  type PostgresQueueBackend,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { Processor, WorkerSession } from '../consumer.ts';
import { queueName } from '../delivery.ts';
import type { PostgresLocation } from '../location.ts';
import type { Delivery } from '../queue.ts';
import { withPollBackoff } from '../with-poll-backoff.ts';
import { createHardyBackend } from './backend.ts';
import { connectionTo, isSchemaLost } from './connection.ts';
import { createSockets } from './sockets.ts';

/**
 * The longest wait for a notification, in seconds. BullMQ would wait an hour while a delayed job exists,
 * which a proxy that swallows notifications would turn into an hour of deafness.
 */
const longestWait = 10;

/** A BullMQ worker on PostgreSQL, and the means to cut its connections. */
export function openPostgresWorker(
  location: PostgresLocation,
  processor: Processor,
  options: Omit<WorkerOptions, 'connection'>,
  onSchemaLost: () => void,
): WorkerSession {
  const stop = new AbortController();
  const sockets = createSockets();
  const worker = new Worker<
    Delivery,
    void,
    string,
    PostgresQueueBackend,
    JobProgress,
    PostgresConnectionOptions
  >(
    queueName,
    processor,
    { ...options, connection: connectionTo(location, sockets, { max: 4 }) },
    withPollBackoff(attentive, {
      signal: stop.signal,
      onError: (error) => {
        if (isSchemaLost(error)) onSchemaLost();
      },
    }),
  );
  return {
    // The types differ in their connection settings alone.
    worker: worker as unknown as Worker,
    destroy() {
      stop.abort();
      sockets.destroy();
    },
  };
}

const attentive: typeof createHardyBackend = (...args) => {
  const backend = createHardyBackend(...args);
  Object.defineProperty(backend, 'maximumBlockTimeout', { value: longestWait });
  return backend;
};
