import { failures } from '@darkroom/core/job/failure';
import type { Outcome } from '@darkroom/core/job/outcome';
import { type Delivery, type Order, type Queue, QueueUnavailable } from '@darkroom/core/queue/queue';
import type { Log } from '@darkroom/core/runtime/log/log';
import { type Storage, StorageUnavailable } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { retryWhile } from './retry-while.ts';
import type { Run } from './runs.ts';

export interface SettleDeps {
  db: Pick<Database, 'completeJob' | 'failJob' | 'retryJob' | 'releaseJob' | 'markDelivered'>;
  queue: Pick<Queue, 'deliver'>;
  storage: Pick<Storage, 'delete'>;
  /** In credits. */
  priceOf(image: { model: string; imageSize: string | null }): number;
  log: Log;
  /** Monotonic, in milliseconds. */
  now: () => number;
  /** Aborts when the process can wait no longer. */
  signal: AbortSignal;
}

type Ending<Kind extends Outcome['kind']> = Extract<Outcome, { kind: Kind }>;

/** How long a result is held for an absent database at the least, however close the deadline. */
const holdAtLeastMs = 30_000;
/** How long the removal of objects is tried; what is left is removed with the orphans. */
const discardForMs = 10_000;

/**
 * Writes the end of a run: one branch an ending, one database function a branch. While the database is away the
 * result is held, up to the job's deadline; writing late is safe, for a claim that was taken over refuses it.
 * Where the claim was lost nothing is written. What this attempt stored is removed unless the job now shows it.
 * @throws DatabaseUnavailable when the result could not be written: nothing is removed then, for it may have been the
 * answer that was lost, and not the write.
 */
export function createSettle({ db, queue, storage, priceOf, log, now, signal }: SettleDeps) {
  return async function settle(run: Run, outcome: Outcome): Promise<void> {
    const written = await write(run, outcome);
    if (!written) tell(run, 'job_lost');
    if (!written || outcome.kind !== 'succeeded') await discard(run);
  };

  /** False: the claim was lost, nothing was written. */
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

  async function complete(run: Run, { image, calls }: Ending<'succeeded'>): Promise<boolean> {
    const servedPrice = servedPriceOf(run, image.model);
    const done = await held(run, (ref) => db.completeJob({ ...ref, image, servedPrice, calls }));
    const { model_requested } = run.claim.job;
    if (done)
      tell(run, 'job_completed', { model: image.model, model_requested, price: servedPrice, ...took(run) });
    return done;
  }

  async function fail(run: Run, { failure, calls }: Ending<'failed'>): Promise<boolean> {
    const { code, cause } = failure;
    const { message } = failures[code];
    const failed = await held(run, (ref) => db.failJob({ ...ref, code, cause, message, calls }));
    if (failed) tell(run, 'job_failed', { code, cause, ...took(run) });
    return failed;
  }

  async function retry(run: Run, outcome: Ending<'retryable'>): Promise<boolean> {
    const { failure, delayMs, counts, calls } = outcome;
    const { code, cause } = failure;
    const answer = await held(run, (ref) => db.retryJob({ ...ref, code, cause, delayMs, counts, calls }));
    if (answer.kind === 'retried') {
      tell(run, 'job_retried', { code, cause, delay_ms: delayMs, counts });
      await redeliver(run, answer.delivery);
    }
    if (answer.kind === 'failed') tell(run, 'job_failed', { code, cause, ...took(run) });
    return answer.kind !== 'lost';
  }

  async function release(run: Run, { calls }: Ending<'interrupted'>): Promise<boolean> {
    const delivery = await held(run, (ref) => db.releaseJob({ ...ref, calls }));
    if (!delivery) return false;
    tell(run, 'job_released');
    await redeliver(run, delivery);
    return true;
  }

  /** A dearer model that stood in is never charged above the quote. */
  function servedPriceOf({ claim }: Run, model: string): number {
    return Math.min(claim.price, priceOf({ model, imageSize: claim.job.image_size }));
  }

  /** Since the job was accepted. Its deadline is known on both clocks, so theirs need not agree. */
  function took({ claim: { job }, deadlineAt }: Run): { total_ms: number } {
    const givenMs = Date.parse(job.deadline_at ?? '') - Date.parse(job.created_at);
    return { total_ms: Math.max(0, Math.round(now() - deadlineAt + givenMs)) };
  }

  function held<T>(run: Run, ask: (ref: { jobId: string; attempt: number }) => Promise<T>): Promise<T> {
    const { jobId, attempt } = run;
    const forMs = Math.max(holdAtLeastMs, run.deadlineAt - now());
    return retryWhile(() => ask({ jobId, attempt }), { during: DatabaseUnavailable, forMs, signal });
  }

  /** Best effort: what does not get through is delivered by the sweeper. */
  async function redeliver(run: Run, delivery: Delivery & Order): Promise<void> {
    try {
      await queue.deliver([delivery]);
      await db.markDelivered([delivery]);
    } catch (error) {
      tell(run, nameOf(error), { error });
    }
  }

  /** Best effort, and only under this attempt's own keys: no other attempt knows them. */
  async function discard(run: Run): Promise<void> {
    const removals = run.objects.map((key) =>
      retryWhile(() => storage.delete(key), { during: StorageUnavailable, forMs: discardForMs, signal }),
    );
    for (const removal of await Promise.allSettled(removals)) {
      if (removal.status === 'rejected') tell(run, nameOf(removal.reason), { error: removal.reason });
    }
  }

  function tell(run: Run, name: Parameters<Log['fact']>[0], fields: Record<string, unknown> = {}): void {
    log.fact(name, { job_id: run.jobId, attempt: run.attempt, ...fields });
  }
}

function nameOf(error: unknown) {
  if (error instanceof Error && error.name === 'AbortError') return 'job_cut_short';
  if (error instanceof QueueUnavailable) return 'queue_unavailable';
  if (error instanceof DatabaseUnavailable) return 'database_unavailable';
  if (error instanceof StorageUnavailable) return 'storage_unavailable';
  return 'unexpected_error';
}
