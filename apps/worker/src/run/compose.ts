import type { DecodeLimiter } from '@darkroom/core/image/decode-limiter';
import { inputLimits, inspectAndThumbnail, inspectImage, outputLimits } from '@darkroom/core/image/inspect';
import { type CreditCosts, priceOf } from '@darkroom/core/job/price';
import { createMedians } from '@darkroom/core/job/progress';
import type { Breakers } from '@darkroom/core/models/breaker';
import { chainFor } from '@darkroom/core/models/catalog';
import type { ImageModel } from '@darkroom/core/models/model';
import type { Handler, Queue } from '@darkroom/core/queue/queue';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Tracing } from '@darkroom/core/runtime/trace/tracing';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import type { Lease } from '../lease/lease.ts';
import type { ActiveRuns } from './active-runs.ts';
import { createClaim } from './claim.ts';
import { createRender } from './render.ts';
import { createRunHandler } from './run.ts';
import { createSettle } from './settle.ts';

export interface RunSettings {
  /** The fallback chain, in order. */
  models: readonly string[];
  creditCosts: CreditCosts;
  maxAttempts: number;
  maxModelCalls: number;
  modelTimeoutMs: number;
}

/** The handler of the queue's deliveries with its parts for production. */
export function composeRun(deps: {
  db: Database;
  queue: Queue;
  storage: Storage;
  model: ImageModel;
  breakers: Breakers;
  decode: DecodeLimiter['decode'];
  lease: Lease;
  runs: ActiveRuns;
  settings: RunSettings;
  log: Log;
  tracing?: Tracing;
  /** Monotonic, in milliseconds. */
  now: () => number;
  random: () => number;
  /** An unguessable part of object keys. */
  randomName: () => string;
  /** Aborts when the process must exit: outcomes are no longer retried. */
  exiting: AbortSignal;
}): Handler {
  const { model, breakers, decode, runs, settings, now, tracing } = deps;
  const { models, creditCosts, ...limits } = settings;
  return createRunHandler({
    runs,
    claim: createClaim(deps),
    render: createRender({
      ...deps,
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
    }),
    settle: createSettle({
      ...deps,
      priceOf: ({ model, imageSize }) => priceOf(creditCosts, model, imageSize),
      signal: deps.exiting,
    }),
    tracing,
  });
}
