import type { Image } from '@darkroom/core/image/image';
import type { Failure } from '@darkroom/core/job/failure';
import type { Outcome } from '@darkroom/core/job/outcome';
import { decideRetry } from '@darkroom/core/job/retry-policy';
import { type ChainDeps, type ChainResult, renderWithChain } from '@darkroom/core/models/chain';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { type Run, RunStopped } from './active-runs.ts';
import { createProgressTracker, type Progress } from './progress.ts';
import { createProgressReports } from './progress-reports.ts';
import { type InputImageDeps, readInputImage } from './read-input-image.ts';
import { retryWhile } from './retry-while.ts';
import { type StoreDeps, storeImage } from './store-image.ts';

export interface RenderDeps {
  db: Pick<Database, 'beginModelCall' | 'reportProgress'>;
  storage: InputImageDeps['storage'] & StoreDeps['storage'];
  /** Decodes an input image. */
  inspectInput: InputImageDeps['inspect'];
  /** Calls the models. Its `now` is the clock of every run's deadline. */
  chain: ChainDeps;
  modelsFor(job: Run['claim']['job'], options: { fallback: boolean }): string[];
  medians: { of(model: string): number; record(model: string, ms: number): void };
  limits: { maxAttempts: number; maxModelCalls: number; modelTimeoutMs: number };
  /** An unguessable part of object keys. */
  randomName: StoreDeps['randomName'];
  random: () => number;
  log: Log;
}

/** Renders and stores the image of a claimed job. Every ending is an {@link Outcome}; it never throws. */
export function createRender(deps: RenderDeps) {
  const { db, chain, medians, limits, random, log } = deps;
  const { now } = chain;
  const reports = createProgressReports({ db, log });
  const trackProgress = createProgressTracker({ reports, medianOf: medians.of, now });

  return async function render(run: Run): Promise<Outcome> {
    const progress = trackProgress(run);
    try {
      return await renderAndStore(run, progress);
    } catch (error) {
      return outcomeOfError(run, progress, error);
    } finally {
      progress.close();
    }
  };

  async function renderAndStore(run: Run, progress: Progress): Promise<Outcome> {
    run.signal.throwIfAborted();
    const input = await readInputImage(run, { storage: deps.storage, inspect: deps.inspectInput });
    if (!input.ok) return retryOrFail(run, input.failure);

    const result = await callModels(run, input.image, progress);
    if (!result.ok) return withoutImage(run, result);

    const storingSince = now();
    const image = await storeImage(run, result, deps);
    log.fact('image_stored', {
      job_id: run.jobId,
      attempt: run.attempt,
      ms: Math.round(now() - storingSince),
      bytes: result.image.bytes.length,
    });
    return { kind: 'succeeded', image, calls: run.calls };
  }

  function callModels(run: Run, inputImage: Image | null, progress: Progress): Promise<ChainResult> {
    const { job, fallback } = run.claim;
    const request = {
      models: deps.modelsFor(job, { fallback }),
      prompt: job.prompt ?? '',
      aspectRatio: job.aspect_ratio,
      imageSize: job.image_size,
      inputImage,
    };
    // Reported before decoding, so that the row is not locked by the report when the run is settled.
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

  /** No call is sent before the database has counted it, so this waits for an unavailable database. */
  function countCall(run: Run, model: string) {
    const { jobId, attempt, signal } = run;
    const call = { jobId, attempt, model, maxCalls: limits.maxModelCalls };
    return retryWhile(() => db.beginModelCall(call), { during: DatabaseUnavailable, signal });
  }

  function withoutImage(run: Run, result: Extract<ChainResult, { ok: false }>): Outcome {
    if (result.lost) return { kind: 'lost' };
    if (result.failure.code === 'provider_misconfigured') {
      log.fact('provider_misconfigured', { job_id: run.jobId, cause: result.failure.cause });
    }
    return retryOrFail(run, result.failure, { callsSpent: result.callsSpent });
  }

  function retryOrFail(run: Run, failure: Failure, { callsSpent = false } = {}): Outcome {
    const { countedRetries, pastFailures: onceUsed } = run.claim;
    const { calls } = run;
    const { maxAttempts } = limits;
    const next = decideRetry({ failure, countedRetries, onceUsed, maxAttempts, callsSpent, random });
    if (next.kind === 'fail') return { kind: 'failed', failure, calls };
    return { kind: 'retryable', failure, delayMs: next.delayMs, counts: next.counts, calls };
  }

  /** A stopped run ends by its stop reason, whatever error the stop caused. */
  function outcomeOfError(run: Run, progress: Progress, error: unknown): Outcome {
    const { calls, signal } = run;
    if (signal.reason instanceof RunStopped) {
      switch (signal.reason.reason) {
        case 'lost':
          return { kind: 'lost' };
        case 'interrupted':
          return { kind: 'interrupted', calls };
        case 'deadline': {
          const cause = `deadline reached while ${progress.stage}`;
          return { kind: 'failed', failure: { code: 'deadline_exceeded', cause }, calls };
        }
      }
    }
    log.fact('unexpected_error', { job_id: run.jobId, attempt: run.attempt, stage: progress.stage, error });
    return retryOrFail(run, { code: 'internal_error', cause: `while ${progress.stage}: ${error}` });
  }
}
