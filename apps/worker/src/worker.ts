import type { DecodeLimiter } from '@darkroom/core/image/decode-limiter';
import { type BreakerState, type Breakers, createBreakers } from '@darkroom/core/models/breaker';
import type { ImageModel } from '@darkroom/core/models/model';
import type { Consumer, Handler, Queue } from '@darkroom/core/queue/queue';
import { type LogContext, noContext } from '@darkroom/core/runtime/log/context';
import type { Log } from '@darkroom/core/runtime/log/log';
import { settledWithin } from '@darkroom/core/runtime/time/with-timeout';
import type { Tracing } from '@darkroom/core/runtime/trace/tracing';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { trackDependency } from './health/dependency.ts';
import { createLease } from './lease/lease.ts';
import { composeMaintenance } from './maintenance/compose.ts';
import { createActiveRuns } from './run/active-runs.ts';
import { composeRun, type RunSettings } from './run/compose.ts';
import { composeWebhookSender, type WebhookSettings } from './webhooks/compose.ts';

export interface WorkerDeps {
  db: Database;
  queue: Queue;
  storage: Storage;
  model: ImageModel;
  /** Omitted: breakers of this worker alone, not shared with others. */
  breakers?: Breakers;
  /** Limits how many images are decoded at once. */
  decode: DecodeLimiter['decode'];
  openConsumer(handler: Handler): Consumer;
  settings: RunSettings;
  /** Omitted: this worker sends no webhooks. */
  webhooks?: WebhookSettings;
  log: Log;
  /** Adds the job's id to everything logged during its run. Omitted: only facts that name it have it. */
  within?: LogContext['within'];
  /** Omitted: no tracing. */
  tracing?: Tracing;
  /** Monotonic, in milliseconds. */
  now: () => number;
  random: () => number;
  newWorkerId: () => string;
  /** An unguessable part of object keys. */
  randomName: () => string;
}

export interface Worker {
  readonly workerId: string;
  /** Whether it holds a lease and takes jobs. */
  readonly ready: boolean;
  /** The number of active jobs. */
  readonly jobs: number;
  /** By model; only models that have been called. */
  breakerStates(): Record<string, BreakerState>;
  /** Starts to take jobs; resolves when the first lease is held, or after `waitMs` without one. */
  start(options: { waitMs: number }): Promise<void>;
  /**
   * Takes no further jobs, lets active ones continue, hands back the rest `settleMs` before the end of `graceMs`, and ends
   * the lease. Resolves within `graceMs` plus 2.3 s even if no service can be reached. Idempotent.
   */
  stop(options: { graceMs: number; settleMs: number }): Promise<void>;
}

/** The minimum time for handing jobs back, however short the grace. */
const minSettleMs = 1_000;
/** Time for each part to close after the grace. */
const closeMs = 1_200;

/** A worker: runs jobs from the queue under its lease, sends webhooks and does maintenance. */
export function createWorker(deps: WorkerDeps): Worker {
  const { db, settings, log, now, random, newWorkerId, within = noContext } = deps;
  const stopping = new AbortController();
  const exiting = new AbortController();
  let stopped: Promise<void> | undefined;

  const breakers = deps.breakers ?? createBreakers({ now });
  const database = trackDependency(log, 'database');
  const runs = createActiveRuns({ now });
  const lease = createLease({ db, runs, database, log, now, newWorkerId });
  const maintenance = composeMaintenance({ ...deps, database, signal: stopping.signal });
  const webhooks =
    deps.webhooks && composeWebhookSender({ db, settings: deps.webhooks, database, log, random });
  const run = composeRun({ ...deps, breakers, lease, runs, exiting: exiting.signal });
  const consumer = deps.openConsumer(async (delivery, signal) => {
    try {
      return await within({ job_id: delivery.jobId }, () => run(delivery, signal));
    } finally {
      // The end of a run may have made a webhook due.
      webhooks?.pollNow();
    }
  });

  return {
    get workerId() {
      return lease.workerId;
    },
    get ready() {
      return lease.held && !stopping.signal.aborted;
    },
    get jobs() {
      return runs.size;
    },
    breakerStates: () => breakers.states(),
    async start({ waitMs }) {
      lease.start();
      consumer.start();
      maintenance.start();
      webhooks?.start();
      await lease.whenHeld({ timeoutMs: waitMs });
      log.fact('worker_started', {
        worker_id: lease.workerId,
        models: settings.models,
        ready: lease.held,
        webhooks: webhooks !== undefined,
      });
    },
    stop(options) {
      stopped ??= stop(options);
      return stopped;
    },
  };

  async function stop({ graceMs, settleMs }: { graceMs: number; settleMs: number }): Promise<void> {
    const endsAt = now() + graceMs;
    const runMs = Math.max(0, graceMs - settleMs);
    log.fact('worker_stopping', { worker_id: lease.workerId, jobs: runs.size });
    stopping.abort();
    const maintained = maintenance.stop();
    const sent = webhooks?.stop({ graceMs: runMs });
    const drained = consumer.drain().catch((error: unknown) => log.fact('queue_error', { error }));

    await settledWithin(runMs, runs.idle());
    runs.interrupt();
    await settledWithin(Math.max(minSettleMs, endsAt - now()), runs.idle());
    exiting.abort();

    await Promise.allSettled([
      lease.stop({ timeoutMs: closeMs }),
      consumer.close({ graceMs: closeMs / 4 }),
      settledWithin(closeMs, drained),
      settledWithin(closeMs, maintained),
      settledWithin(closeMs, sent ?? Promise.resolve()),
    ]);
    log.fact('worker_stopped', { worker_id: lease.workerId, jobs: runs.size });
  }
}
