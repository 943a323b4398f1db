import type { Queue } from '@darkroom/core/queue/queue';
import { QueueUnavailable } from '@darkroom/core/queue/queue';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { SweepResult } from '@darkroom/db/sweep/sweep';
import { type Dependency, trackDependency } from '../../health/dependency.ts';

export interface SweepDeps {
  db: Pick<
    Database,
    'sweep' | 'cancelDue' | 'markDelivered' | 'markUndelivered' | 'listDelivered' | 'adoptQueueEpoch'
  >;
  queue: Pick<Queue, 'enqueue' | 'findMissing' | 'epoch'>;
  database: Dependency;
  log: Log;
  signal: AbortSignal;
}

/** Rows of each kind in one call. */
const limit = 500;
/** Calls in one pass, so that a pass ends even while work keeps arriving. */
const maxRounds = 20;
/** Longer than for a request's single delivery, because a batch is larger. */
const queueTimeoutMs = 5_000;

/**
 * One pass of the sweep: ends and refunds overdue jobs, takes jobs back from lost workers, enqueues due jobs that the
 * queue does not hold, and checks that it still holds the others. Every worker runs it; rows locked by one are skipped
 * by the others. While the queue is unavailable the pass still ends overdue jobs; an unavailable database or queue is
 * logged once and left to the next pass.
 */
export function createSweepPass({ db, queue, database, log, signal }: SweepDeps) {
  const broker = trackDependency(log, 'queue');

  return async function sweep(): Promise<void> {
    try {
      const epoch = await askQueue(() => queue.epoch({ timeoutMs: 2_000 }));
      // A new epoch marks all deliveries as lost, so adopt it before anything is enqueued.
      if (epoch) await adopt(epoch.answer);
      await cancelDue();
      await sweepRows({ enqueue: epoch !== null });
      if (epoch && !signal.aborted) await findLostDeliveries();
      database.up();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      database.down(error);
    }
  };

  async function adopt(epoch: string): Promise<void> {
    if (await db.adoptQueueEpoch({ epoch })) log.fact('queue_emptied', { epoch });
  }

  async function cancelDue(): Promise<void> {
    for (let round = 0; round < maxRounds && !signal.aborted; round += 1) {
      const canceled = await db.cancelDue({ limit });
      for (const { jobId } of canceled) log.fact('job_canceled', { job_id: jobId, cause: 'Cancel-After' });
      if (canceled.length === 0) return;
    }
  }

  /** Repeats while there is more. Jobs that the queue did not take stay unmarked, so a later pass enqueues them. */
  async function sweepRows(options: { enqueue: boolean }): Promise<void> {
    let { enqueue } = options;
    for (let round = 0; round < maxRounds && !signal.aborted; round += 1) {
      const { due, overdue, crashed, lapsed } = await db.sweep({ limit });
      const ended = overdue + crashed;
      if (due.length + ended + lapsed > 0) {
        log.fact('sweep_finished', { due: due.length, overdue, crashed, lapsed });
      }
      enqueue &&= due.length === 0 || (await enqueueAll(due));
      if (ended + lapsed === 0 && (due.length < limit || !enqueue)) return;
    }
  }

  async function enqueueAll(due: SweepResult['due']): Promise<boolean> {
    const delivered = await askQueue(() => queue.enqueue(due, { timeoutMs: queueTimeoutMs }));
    if (delivered) await db.markDelivered(due);
    return delivered !== null;
  }

  async function findLostDeliveries(): Promise<void> {
    const delivered = await db.listDelivered({ limit });
    if (delivered.length === 0) return;
    const gone = await askQueue(() => queue.findMissing(delivered, { timeoutMs: queueTimeoutMs }));
    if (!gone) return;
    const lost = new Set(gone.answer.map(({ jobId }) => jobId));
    const kept = delivered.filter(({ jobId }) => !lost.has(jobId));
    if (lost.size > 0) {
      log.fact('sweep_finished', { lost_deliveries: lost.size });
      await db.markUndelivered(gone.answer);
    }
    // Marking them again moves them behind those not checked yet.
    if (kept.length > 0) await db.markDelivered(kept);
  }

  /** Null while the queue is unavailable. */
  async function askQueue<T>(ask: () => Promise<T>): Promise<{ answer: T } | null> {
    try {
      const answer = await ask();
      broker.up();
      return { answer };
    } catch (error) {
      if (!(error instanceof QueueUnavailable)) throw error;
      broker.down(error);
      return null;
    }
  }
}
