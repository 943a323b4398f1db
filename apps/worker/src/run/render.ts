import type { Image } from '@darkroom/core/image/image';
import type { Failure } from '@darkroom/core/job/failure';
import type { Outcome } from '@darkroom/core/job/outcome';
import { decide } from '@darkroom/core/job/retry-policy';
import { type ChainDeps, type ChainResult, renderWithChain } from '@darkroom/core/models/chain';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { type InputImageDeps, readInputImage } from './input-image.ts';
import { createProgressOf, type Progress } from './progress.ts';
import { createReports } from './reports.ts';
import { retryWhile } from './retry-while.ts';
import { type Run, RunStopped } from './runs.ts';
import { type StoreDeps, storeImage } from './store-image.ts';

export interface RenderDeps {
  db: Pick<Database, 'beginModelCall' | 'reportProgress'>;
  storage: InputImageDeps['storage'] & StoreDeps['storage'];
  /** Decodes an input image. */
  inspectInput: InputImageDeps['inspect'];
  /** The models and what calls them; its `now` is the clock of every run's deadline. */
  chain: ChainDeps;
  modelsFor(job: Run['claim']['job'], options: { fallback: boolean }): string[];
  medians: { of(model: string): number; record(model: string, ms: number): void };
  limits: { maxAttempts: number; maxModelCalls: number; modelTimeoutMs: number };
  /** A word that nobody can guess, for the keys of what is stored. */
  randomName: StoreDeps['randomName'];
  random: () => number;
  log: Log;
}

/** Makes the image of a claimed job and stores it. Every ending is an {@link Outcome}; it never throws. */
export function createRender(deps: RenderDeps) {
  const { db, chain, medians, limits, random, log } = deps;
  const { now } = chain;
  const progressOf = createProgressOf({ reports: createReports({ db, log }), medianOf: medians.of, now });

  return async function render(run: Run): Promise<Outcome> {
    const progress = progressOf(run);
    try {
      return await make(run, progress);
    } catch (error) {
      return endingOf(run, progress, error);
    } finally {
      progress.close();
    }
  };

  async function make(run: Run, progress: Progress): Promise<Outcome> {
    run.signal.throwIfAborted();
    const input = await readInputImage(run, { storage: deps.storage, inspect: deps.inspectInput });
    if (!input.ok) return failing(run, input.failure);

    const drawn = await draw(run, input.image, progress);
    if (!drawn.ok) return notDrawn(run, drawn);

    const storingSince = now();
    const image = await storeImage(run, drawn, deps);
    log.fact('image_stored', {
      job_id: run.jobId,
      attempt: run.attempt,
      ms: Math.round(now() - storingSince),
      bytes: drawn.image.bytes.length,
    });
    return { kind: 'succeeded', image, calls: run.calls };
  }

  function draw(run: Run, inputImage: Image | null, progress: Progress): Promise<ChainResult> {
    const { job, fallback } = run.claim;
    const request = {
      models: deps.modelsFor(job, { fallback }),
      prompt: job.prompt ?? '',
      aspectRatio: job.aspect_ratio,
      imageSize: job.image_size,
      inputImage,
    };
    // Told while the image is decoded: the row is free again by the time the run is settled.
    const inspect = (bytes: Buffer) => {
      progress.storing();
      return chain.inspect(bytes);
    };
    return renderWithChain({ ...chain, inspect }, request, {
      signal: run.signal,
      deadlineAt: run.deadlineAt,
      modelTimeoutMs: limits.modelTimeoutMs,
      attempt: run.attempt,
      beforeCall: (model) => countCall(run, model),
      onCall: (model) => progress.calling(model),
      onCallEnd(call) {
        progress.called();
        run.calls.push(call);
        if (call.code === 'ok') medians.record(call.model, call.ms);
        if (call.code !== 'canceled') {
          const name = call.code === 'ok' ? 'model_call_ok' : 'model_call_failed';
          log.fact(name, { job_id: run.jobId, ...call });
        }
      },
    });
  }

  /** No call is paid for that the database has not counted first, so an absent database is waited for. */
  function countCall(run: Run, model: string) {
    const { jobId, attempt, signal } = run;
    const call = { jobId, attempt, model, maxCalls: limits.maxModelCalls };
    return retryWhile(() => db.beginModelCall(call), { during: DatabaseUnavailable, signal });
  }

  function notDrawn(run: Run, drawn: Extract<ChainResult, { ok: false }>): Outcome {
    if (drawn.lost) return { kind: 'lost' };
    if (drawn.failure.code === 'provider_misconfigured') {
      log.fact('provider_misconfigured', { job_id: run.jobId, cause: drawn.failure.cause });
    }
    return failing(run, drawn.failure, { callsSpent: drawn.callsSpent });
  }

  function failing(run: Run, failure: Failure, { callsSpent = false } = {}): Outcome {
    const { countedRetries, pastFailures: onceUsed } = run.claim;
    const { calls } = run;
    const { maxAttempts } = limits;
    const next = decide({ failure, countedRetries, onceUsed, maxAttempts, callsSpent, random });
    if (next.kind === 'fail') return { kind: 'failed', failure, calls };
    return { kind: 'retryable', failure, delayMs: next.delayMs, counts: next.counts, calls };
  }

  /** A stopped run ends as it was told to, whatever was thrown on the way out. */
  function endingOf(run: Run, progress: Progress, error: unknown): Outcome {
    const { calls, signal } = run;
    if (signal.reason instanceof RunStopped) {
      switch (signal.reason.reason) {
        case 'lost':
          return { kind: 'lost' };
        case 'interrupted':
          return { kind: 'interrupted', calls };
        case 'deadline': {
          const cause = `the time was over while ${progress.stage}`;
          return { kind: 'failed', failure: { code: 'deadline_exceeded', cause }, calls };
        }
      }
    }
    log.fact('unexpected_error', { job_id: run.jobId, attempt: run.attempt, stage: progress.stage, error });
    return failing(run, { code: 'internal_error', cause: `while ${progress.stage}: ${error}` });
  }
}
