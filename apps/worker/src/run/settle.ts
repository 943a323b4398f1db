import type { Outcome } from '@darkroom/core/job/outcome';
import { type Queue, QueueUnavailable, type ScheduledDelivery } from '@darkroom/core/queue/queue';
import type { Log } from '@darkroom/core/runtime/log/log';
import { type Storage, StorageUnavailable } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { Run } from './active-runs.ts';
import { retryWhile } from './retry-while.ts';

export interface SettleDeps {
  db: Pick<Database, 'completeJob' | 'failJob' | 'retryJob' | 'releaseJob' | 'markDelivered'>;
  queue: Pick<Queue, 'enqueue'>;
  storage: Pick<Storage, 'delete'>;
  /** In credits. */
  priceOf(image: { model: string; imageSize: string | null }): number;
  log: Log;
  /** Monotonic, in milliseconds. */
  now: () => number;
  /** Aborts when the process must exit. */
  signal: AbortSignal;
}

type OutcomeOf<Kind extends Outcome['kind']> = Extract<Outcome, { kind: Kind }>;

/** A result is retried at least this long while the database is unavailable, however close the deadline. */
const minPersistMs = 30_000;
/** How long to retry removing objects; the orphan scan removes what is left. */
const discardForMs = 10_000;

/**
 * Writes the outcome of a run: one database function for each kind. While the database is unavailable the write is
 * retried up to the job's deadline; a late write is safe, because the database refuses it if another worker has taken
 * the claim over. If the claim was lost nothing is written. The objects of this attempt are removed unless it completed
 * the job.
 * @throws DatabaseUnavailable when the outcome could not be written. No object is removed then, because the write may
 * have succeeded and only its answer been lost.
 */
export function createSettle({ db, queue, storage, priceOf, log, now, signal }: SettleDeps) {
  return async function settle(run: Run, outcome: Outcome): Promise<void> {
    const written = await write(run, outcome);
    if (!written) logFact(run, 'job_lost');
    if (!written || outcome.kind !== 'succeeded') await discard(run);
  };

  /** False when the claim was lost and nothing was written. */
  async function write(run: Run, outcome: Outcome): Promise<boolean> {
    switch (outcome.kind) {
      case 'succeeded':
        return complete(run, outcome);
      case 'failed':
        return fail(run, outcome);
      case 'retryable':
        return retry(run, outcome);
      case 'interrupted':
        return release(run, outcome);
      case 'lost':
        return false;
    }
  }

  async function complete(run: Run, { image, calls }: OutcomeOf<'succeeded'>): Promise<boolean> {
    const servedPrice = servedPriceOf(run, image.model);
    const done = await persist(run, (ref) => db.completeJob({ ...ref, image, servedPrice, calls }));
    const { model_requested } = run.claim.job;
    if (done)
      logFact(run, 'job_completed', {
        model: image.model,
        model_requested,
        price: servedPrice,
        ...durationOf(run),
      });
    return done;
  }

  async function fail(run: Run, { failure, calls }: OutcomeOf<'failed'>): Promise<boolean> {
    const { code, cause } = failure;
    const failed = await persist(run, (ref) => db.failJob({ ...ref, code, cause, calls }));
    if (failed) logFact(run, 'job_failed', { code, cause, ...durationOf(run) });
    return failed;
  }

  async function retry(run: Run, outcome: OutcomeOf<'retryable'>): Promise<boolean> {
    const { failure, delayMs, counts, calls } = outcome;
    const { code, cause } = failure;
    const answer = await persist(run, (ref) => db.retryJob({ ...ref, code, cause, delayMs, counts, calls }));
    if (answer.kind === 'retried') {
      logFact(run, 'job_retried', { code, cause, delay_ms: delayMs, counts });
      await enqueue(run, answer.delivery);
    }
    if (answer.kind === 'failed') logFact(run, 'job_failed', { code, cause, ...durationOf(run) });
    return answer.kind !== 'lost';
  }

  async function release(run: Run, { calls }: OutcomeOf<'interrupted'>): Promise<boolean> {
    const delivery = await persist(run, (ref) => db.releaseJob({ ...ref, calls }));
    if (!delivery) return false;
    logFact(run, 'job_released');
    await enqueue(run, delivery);
    return true;
  }

  /** Never above the quote, even if a more expensive fallback model served the job. */
  function servedPriceOf({ claim }: Run, model: string): number {
    return Math.min(claim.price, priceOf({ model, imageSize: claim.job.image_size }));
  }

  /** Time since the job was accepted. Derived from its deadline, known on both clocks, so they need not agree. */
  function durationOf({ claim: { job }, deadlineAt }: Run): { total_ms: number } {
    const allowedMs = Date.parse(job.deadline_at ?? '') - Date.parse(job.created_at);
    return { total_ms: Math.max(0, Math.round(now() - deadlineAt + allowedMs)) };
  }

  function persist<T>(run: Run, write: (ref: { jobId: string; attempt: number }) => Promise<T>): Promise<T> {
    const { jobId, attempt } = run;
    const forMs = Math.max(minPersistMs, run.deadlineAt - now());
    return retryWhile(() => write({ jobId, attempt }), { during: DatabaseUnavailable, forMs, signal });
  }

  /** Best effort: the sweep enqueues what fails here. */
  async function enqueue(run: Run, delivery: ScheduledDelivery): Promise<void> {
    try {
      await queue.enqueue([delivery]);
      await db.markDelivered([delivery]);
    } catch (error) {
      logFact(run, factOf(error), { error });
    }
  }

  /** Best effort. Only keys of this attempt, which no other attempt uses. */
  async function discard(run: Run): Promise<void> {
    const removals = run.objects.map((key) =>
      retryWhile(() => storage.delete(key), { during: StorageUnavailable, forMs: discardForMs, signal }),
    );
    for (const removal of await Promise.allSettled(removals)) {
      if (removal.status === 'rejected') logFact(run, factOf(removal.reason), { error: removal.reason });
    }
  }

  function logFact(run: Run, name: Parameters<Log['fact']>[0], fields: Record<string, unknown> = {}): void {
    log.fact(name, { job_id: run.jobId, attempt: run.attempt, ...fields });
  }
}

function factOf(error: unknown) {
  if (error instanceof Error && error.name === 'AbortError') return 'job_cut_short';
  if (error instanceof QueueUnavailable) return 'queue_unavailable';
  if (error instanceof DatabaseUnavailable) return 'database_unavailable';
  if (error instanceof StorageUnavailable) return 'storage_unavailable';
  return 'unexpected_error';
}
