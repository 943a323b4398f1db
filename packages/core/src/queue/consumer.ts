import { setTimeout as pause } from 'node:timers/promises';
import {
  DelayedError,
  type Job,
  type Telemetry,
  UnrecoverableError,
  type Worker,
  type WorkerOptions,
} from 'bullmq';
import type { Log } from '../runtime/log/log.ts';
import { settledWithin } from '../runtime/time/with-timeout.ts';
import { readDelivery } from './delivery.ts';
import { createErrorLog } from './error-log.ts';
import { createOutageLog, type OutageLog } from './outage-log.ts';
import type { Consumer, Delivery, Handler } from './queue.ts';

export interface ConsumerOptions {
  /** The worker's name, as the dashboard shows it. */
  name: string;
  /** How many handlers may run at once. */
  concurrency: number;
  handler: Handler;
  log: Log;
  /**
   * How long a worker may stay silent before the queue gives its delivery to another one, in milliseconds; 60,000 by
   * default. No write depends on it: the lease in the database decides who may write.
   */
  lockDurationMs?: number;
  /** Without it deliveries are not traced. */
  telemetry?: Telemetry;
}

/** BullMQ passes the signal only to functions that declare three parameters. */
export type Processor = (
  job: Job,
  token: string | undefined,
  signal: AbortSignal | undefined,
) => Promise<void>;

/** One BullMQ worker and its connections. */
export interface WorkerSession {
  worker: Worker;
  /** Cuts every connection at once. Never waits, never throws. */
  destroy(): void;
}

/** Opens a worker on a backend. `onSchemaLost` is called when its tables no longer exist. */
export type OpenWorker = (
  processor: Processor,
  options: Omit<WorkerOptions, 'connection'>,
  onSchemaLost: () => void,
) => WorkerSession;

/** How long BullMQ may take to close, in milliseconds. */
const closeTimeoutMs = 600;
const forcedCloseTimeoutMs = 150;
/** How long after a failure a new worker is opened, in milliseconds. */
const reopenMs = 1_000;

/** Takes deliveries with a BullMQ worker and opens a new one whenever that fails. */
export function createConsumer(options: ConsumerOptions, open: OpenWorker): Consumer {
  const { log, handler } = options;
  const outage = createOutageLog({ log });
  const running = createRunning();
  const draining = new AbortController();
  let session: WorkerSession | undefined;
  let ended: Promise<void> | undefined;
  let closed: Promise<void> | undefined;

  const processor: Processor = async (job, token, signal) => {
    const delivery = readDelivery(job.data);
    if (!delivery) throw new UnrecoverableError('The data is not a delivery.');
    // BullMQ may have taken one more delivery while it was draining.
    if (draining.signal.aborted) return handBack(job, token, 0);
    const retry = await running.track(handle(delivery, signal));
    if (retry) await handBack(job, token, retry.delayMs);
  };

  async function handle(delivery: Delivery, signal = new AbortController().signal) {
    try {
      return await handler(delivery, signal);
    } catch (error) {
      log.fact('delivery_handler_failed', { job_id: delivery.jobId, delivery: delivery.delivery, error });
      throw new UnrecoverableError(error instanceof Error ? error.message : String(error));
    }
  }

  async function keepWorking(): Promise<void> {
    while (!draining.signal.aborted) {
      const current = open(processor, workerOptions(options), () => void end(current));
      session = current;
      listen(current.worker, log, outage);
      try {
        await current.worker.waitUntilReady();
        outage.succeeded();
        if (!draining.signal.aborted) await current.worker.run();
      } catch (error) {
        if (!draining.signal.aborted) outage.failed(error);
      }
      if (draining.signal.aborted) return;
      await end(current);
      await pause(reopenMs, undefined, { signal: draining.signal }).catch(() => undefined);
    }
  }

  async function drain(): Promise<void> {
    if (draining.signal.aborted) return;
    draining.abort();
    if (!session) return;
    await session.worker.pause(true);
    // Ends the blocking read, which would take one more delivery. Never resolves while the server is away.
    void session.worker
      .getBackend()
      .disconnectBlocking(false)
      .catch(() => undefined);
  }

  async function close(graceMs: number): Promise<void> {
    await drain();
    await settledWithin(graceMs, running.idle());
    if (!session) return;
    if (running.count === 0) await settledWithin(closeTimeoutMs, session.worker.close());
    else session.worker.cancelAllJobs('The consumer was closed.');
    await end(session);
    await settledWithin(forcedCloseTimeoutMs, ended ?? Promise.resolve());
  }

  return {
    start() {
      ended ??= keepWorking();
    },
    drain,
    close({ graceMs }) {
      closed ??= close(graceMs);
      return closed;
    },
  };
}

function workerOptions(options: ConsumerOptions): Omit<WorkerOptions, 'connection'> {
  return {
    name: options.name.replace(/\s+/g, '-'),
    concurrency: options.concurrency,
    autorun: false,
    lockDuration: options.lockDurationMs ?? 60_000,
    runRetryDelay: 1_000,
    stalledInterval: 30_000,
    // However often workers die with a job, its row decides what happens to it.
    maxStalledCount: 1_000_000,
    telemetry: options.telemetry,
  };
}

/** Puts a delivery back for `delayMs` later. BullMQ requires both the call and the error. */
async function handBack(job: Job, token: string | undefined, delayMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + Math.max(delayMs, 0), token);
  throw new DelayedError();
}

/** Closes a worker without waiting for its server. */
async function end({ worker, destroy }: WorkerSession): Promise<void> {
  const closing = worker.close(true);
  await settledWithin(forcedCloseTimeoutMs, closing);
  destroy();
}

function listen(worker: Worker, log: Log, outage: OutageLog): void {
  const logError = createErrorLog({ log });
  worker.on('error', (error) => {
    // Errors of sockets and servers have string codes; BullMQ's own errors about a single job have a number or none.
    if (typeof (error as NodeJS.ErrnoException).code === 'string') outage.failed(error);
    else logError(error);
  });
  worker.on('lockRenewalFailed', (ids) => {
    log.fact('delivery_lock_lost', { deliveries: ids });
    for (const id of ids) worker.cancelJob(id, 'The queue lost track of this delivery.');
  });
  for (const event of ['active', 'drained', 'completed', 'locksRenewed'] as const) {
    worker.on(event, () => outage.succeeded());
  }
}

/** Counts running handlers; `idle()` resolves when there are none. */
function createRunning() {
  let count = 0;
  const waiting: (() => void)[] = [];
  return {
    get count() {
      return count;
    },
    async track<T>(work: Promise<T>): Promise<T> {
      count += 1;
      try {
        return await work;
      } finally {
        count -= 1;
        if (count === 0) for (const resolve of waiting.splice(0)) resolve();
      }
    },
    idle(): Promise<void> {
      return count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
    },
  };
}
