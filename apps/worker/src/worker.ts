import type { DecodeLimiter } from '@darkroom/core/image/decode-limiter';
import { inputLimits, inspectAndThumbnail, inspectImage, outputLimits } from '@darkroom/core/image/inspect';
import { type CreditCosts, priceOf } from '@darkroom/core/job/price';
import { createMedians } from '@darkroom/core/job/progress';
import { type BreakerState, type Breakers, createBreakers } from '@darkroom/core/models/breaker';
import { chainFor } from '@darkroom/core/models/catalog';
import type { ImageModel } from '@darkroom/core/models/model';
import type { Consumer, Handler, Queue } from '@darkroom/core/queue/queue';
import { type LogContext, noContext } from '@darkroom/core/runtime/log/context';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Tracing } from '@darkroom/core/runtime/trace/tracing';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { createLease } from './lease/heartbeat.ts';
import { createReachability } from './log/reachability.ts';
import { createLoop } from './maintenance/loop.ts';
import { createCollect } from './maintenance/removal/remove.ts';
import { createSweep } from './maintenance/sweep/sweep.ts';
import { createClaim } from './run/claim.ts';
import { createProcess } from './run/process.ts';
import { createRender } from './run/render.ts';
import { createRuns } from './run/runs.ts';
import { createSettle } from './run/settle.ts';
import { atMost } from './time/at-most.ts';
import { type NotifySettings, openNotifier } from './webhooks/open.ts';

export interface WorkerDeps {
  db: Database;
  queue: Queue;
  storage: Storage;
  model: ImageModel;
  /** What keeps calls from models that would refuse them; left out: this worker knows by itself alone. */
  breakers?: Breakers;
  /** Decides when an image is decoded. */
  decode: DecodeLimiter['decode'];
  openConsumer(handler: Handler): Consumer;
  settings: WorkerSettings;
  /** Left out: this worker sends no webhooks. */
  webhooks?: NotifySettings;
  log: Log;
  /** Puts a job's id on every line that is told on its behalf. Left out: on those that name it themselves. */
  within?: LogContext['within'];
  /** Left out: nothing is traced. */
  tracing?: Tracing;
  /** Monotonic, in milliseconds. */
  now: () => number;
  random: () => number;
  newWorkerId: () => string;
  /** A word that nobody can guess, for the keys of what is stored. */
  randomName: () => string;
}

export interface WorkerSettings {
  /** The chain, in order. */
  models: readonly string[];
  creditCosts: CreditCosts;
  maxAttempts: number;
  maxModelCalls: number;
  modelTimeoutMs: number;
}

export interface Worker {
  readonly workerId: string;
  /** Whether it holds a lease and takes jobs. */
  readonly ready: boolean;
  /** Jobs in hand. */
  readonly jobs: number;
  /** Of every model whose breaker has had something to do. */
  breakerStates(): Record<string, BreakerState>;
  /** Takes jobs from now on; resolves when the first lease is held, or after `waitMs` without one. */
  start(options: { waitMs: number }): Promise<void>;
  /**
   * Takes no further jobs, lets those in hand run on, hands back what is left `settleMs` before the end of `graceMs`,
   * and ends the lease. Resolves within `graceMs` and 2.3 s, whatever cannot be reached. Idempotent.
   */
  stop(options: { graceMs: number; settleMs: number }): Promise<void>;
}

/** What the hand-back of jobs gets at the least, however short the grace. */
const shortestSettleMs = 1_000;
/** Between two looks for objects that are to be removed, in milliseconds. */
const collectEveryMs = { min: 8_000, max: 12_000 };
/** How long each part may take to say goodbye once the grace is over. */
const farewellMs = 1_200;

/** One worker: it takes jobs from the queue, keeps its lease, and sweeps. */
export function createWorker(deps: WorkerDeps): Worker {
  const { db, queue, storage, model, decode, settings, log, now, random, newWorkerId, randomName } = deps;
  const { within = noContext, tracing } = deps;
  const { models, creditCosts, ...limits } = settings;
  const stopping = new AbortController();
  const giveUp = new AbortController();
  let stopped: Promise<void> | undefined;

  const breakers = deps.breakers ?? createBreakers({ now });
  const database = createReachability(log, 'database');
  const runs = createRuns({ now });
  const lease = createLease({ db, runs, database, log, now, newWorkerId });
  const sweeper = createLoop({
    pass: createSweep({ db, queue, database, log, signal: stopping.signal }),
    log,
    random,
  });
  const collector = createLoop({
    pass: createCollect({ db, storage, database, log, signal: stopping.signal }),
    log,
    random,
    everyMs: collectEveryMs,
  });
  const notifier = deps.webhooks && openNotifier({ db, settings: deps.webhooks, database, log, random });
  const consumer = openConsumer(
    createProcess({
      runs,
      claim: createClaim({ db, lease, runs, log, now, random }),
      render: createRender({
        db,
        storage,
        inspectInput: (bytes) => decode(() => inspectImage(bytes, inputLimits)),
        chain: {
          model,
          breakers,
          now,
          inspect: (bytes) => decode(() => inspectAndThumbnail(bytes, outputLimits)),
        },
        modelsFor: (job, { fallback }) =>
          chainFor({
            requested: job.model_requested,
            aspectRatio: job.aspect_ratio,
            imageSize: job.image_size,
            fallback,
            configured: models,
          }),
        medians: createMedians(),
        limits,
        randomName,
        random,
        log,
      }),
      settle: createSettle({
        db,
        queue,
        storage,
        priceOf: ({ model, imageSize }) => priceOf(creditCosts, model, imageSize),
        log,
        now,
        signal: giveUp.signal,
      }),
      tracing,
    }),
  );

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
      sweeper.start();
      notifier?.start();
      collector.start();
      await lease.whenHeld({ timeoutMs: waitMs });
      log.fact('worker_started', {
        worker_id: lease.workerId,
        models,
        ready: lease.held,
        webhooks: notifier !== undefined,
      });
    },
    stop(options) {
      stopped ??= stop(options);
      return stopped;
    },
  };

  /** A run that ends may have made a webhook due. */
  function openConsumer(process: Handler): Consumer {
    return deps.openConsumer(async (delivery, signal) => {
      try {
        return await within({ job_id: delivery.jobId }, () => process(delivery, signal));
      } finally {
        notifier?.wake();
      }
    });
  }

  async function stop({ graceMs, settleMs }: { graceMs: number; settleMs: number }): Promise<void> {
    const endsAt = now() + graceMs;
    log.fact('worker_stopping', { worker_id: lease.workerId, jobs: runs.size });
    stopping.abort();
    const swept = Promise.all([sweeper.stop(), collector.stop()]);
    const notified = notifier?.stop({ graceMs: Math.max(0, graceMs - settleMs) });
    const drained = consumer.drain().catch((error: unknown) => log.fact('queue_error', { error }));

    await atMost(Math.max(0, graceMs - settleMs), runs.idle());
    runs.interrupt();
    await atMost(Math.max(shortestSettleMs, endsAt - now()), runs.idle());
    giveUp.abort();

    await Promise.allSettled([
      lease.stop({ timeoutMs: farewellMs }),
      consumer.close({ graceMs: farewellMs / 4 }),
      atMost(farewellMs, drained),
      atMost(farewellMs, swept),
      atMost(farewellMs, notified ?? Promise.resolve()),
    ]);
    log.fact('worker_stopped', { worker_id: lease.workerId, jobs: runs.size });
  }
}
