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
import { connectionTo, isSchemaLost } from './connection.ts';
import { createResilientBackend } from './resilient-backend.ts';
import { createSockets } from './sockets.ts';

/**
 * The longest wait for a notification. While a delayed job exists BullMQ would wait an hour, and behind a proxy that drops
 * notifications it would notice no new delivery in that time.
 */
const maxWaitSeconds = 10;

/** Opens a BullMQ worker on PostgreSQL whose connections can be cut. */
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
    withPollBackoff(backendWithShortWait, {
      signal: stop.signal,
      onError: (error) => {
        if (isSchemaLost(error)) onSchemaLost();
      },
    }),
  );
  return {
    // The types differ only in their connection settings.
    worker: worker as unknown as Worker,
    destroy() {
      stop.abort();
      sockets.destroy();
    },
  };
}

const backendWithShortWait: typeof createResilientBackend = (...args) => {
  const backend = createResilientBackend(...args);
  Object.defineProperty(backend, 'maximumBlockTimeout', { value: maxWaitSeconds });
  return backend;
};
