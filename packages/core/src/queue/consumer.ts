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
import { type Availability, createAvailability } from './availability.ts';
import { createComplaints } from './complaints.ts';
import { atMost } from './deadline.ts';
import { readDelivery } from './delivery.ts';
import type { Consumer, Delivery, Handler } from './queue.ts';

export interface ConsumerOptions {
  /** The worker's name, as the dashboard shows it. */
  name: string;
  /** How many handlers may run at once. */
  concurrency: number;
  handler: Handler;
  log: Log;
  /**
   * How long the queue waits for a sign of life before it gives a delivery to another worker, in
   * milliseconds; 60,000 by default. The row's lease decides who may write, so this is no safeguard.
   */
  lockDurationMs?: number;
  /** Left out: deliveries are no part of a trace. */
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
  /** Cuts every connection at once; never waits, never throws. */
  destroy(): void;
}

/** Builds a worker on a backend. `onSchemaLost` is called when its tables are gone. */
export type OpenWorker = (
  processor: Processor,
  options: Omit<WorkerOptions, 'connection'>,
  onSchemaLost: () => void,
) => WorkerSession;

/** How long BullMQ may take to say goodbye, in milliseconds. */
const farewellMs = 600;
/** How long after a failure a new worker is built, in milliseconds. */
const rebuildMs = 1_000;

/** Takes deliveries with a BullMQ worker, and builds a new one whenever it cannot go on. */
export function createConsumer(options: ConsumerOptions, open: OpenWorker): Consumer {
  const { log, handler } = options;
  const availability = createAvailability({ log });
  const running = createRunning();
  const draining = new AbortController();
  let session: WorkerSession | undefined;
  let ended: Promise<void> | undefined;
  let closed: Promise<void> | undefined;

  const processor: Processor = async (job, token, signal) => {
    const delivery = readDelivery(job.data);
    if (!delivery) throw new UnrecoverableError('This is no delivery.');
    // BullMQ may have taken one more while it was told to stop.
    if (draining.signal.aborted) return handBack(job, token, 0);
    const again = await running.track(handle(delivery, signal));
    if (again) await handBack(job, token, again.delayMs);
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
      listen(current.worker, log, availability);
      try {
        await current.worker.waitUntilReady();
        availability.worked();
        if (!draining.signal.aborted) await current.worker.run();
      } catch (error) {
        if (!draining.signal.aborted) availability.failed(error);
      }
      if (draining.signal.aborted) return;
      await end(current);
      await pause(rebuildMs, undefined, { signal: draining.signal }).catch(() => undefined);
    }
  }

  async function drain(): Promise<void> {
    if (draining.signal.aborted) return;
    draining.abort();
    if (!session) return;
    await session.worker.pause(true);
    // Ends the blocking read, which would take one more delivery; with the server away this never resolves.
    void session.worker
      .getBackend()
      .disconnectBlocking(false)
      .catch(() => undefined);
  }

  async function close(graceMs: number): Promise<void> {
    await drain();
    await atMost(graceMs, running.idle());
    if (!session) return;
    if (running.count === 0) await atMost(farewellMs, session.worker.close());
    else session.worker.cancelAllJobs('The consumer was closed.');
    await end(session);
    await atMost(farewellMs / 4, ended ?? Promise.resolve());
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
    // However often a worker dies with a job, its row decides what happens to it.
    maxStalledCount: 1_000_000,
    telemetry: options.telemetry,
  };
}

/** Hands a delivery back, to be made again after `delayMs`. BullMQ must be told twice: by a call and by an error. */
async function handBack(job: Job, token: string | undefined, delayMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + Math.max(delayMs, 0), token);
  throw new DelayedError();
}

/** Forgets a worker without waiting for its server. */
async function end({ worker, destroy }: WorkerSession): Promise<void> {
  const closing = worker.close(true);
  await atMost(farewellMs / 4, closing);
  destroy();
}

function listen(worker: Worker, log: Log, availability: Availability): void {
  const complain = createComplaints({ log });
  worker.on('error', (error) => {
    // Sockets and servers give string codes; BullMQ's own complaints about a single job have a number or none.
    if (typeof (error as NodeJS.ErrnoException).code === 'string') availability.failed(error);
    else complain(error);
  });
  worker.on('lockRenewalFailed', (ids) => {
    log.fact('delivery_lock_lost', { deliveries: ids });
    for (const id of ids) worker.cancelJob(id, 'The queue lost track of this delivery.');
  });
  for (const sign of ['active', 'drained', 'completed', 'locksRenewed'] as const) {
    worker.on(sign, () => availability.worked());
  }
}

/** Counts running handlers and tells when there are none. */
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
        if (count === 0) for (const tell of waiting.splice(0)) tell();
      }
    },
    idle(): Promise<void> {
      return count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
    },
  };
}
