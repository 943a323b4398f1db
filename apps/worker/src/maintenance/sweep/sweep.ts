import type { Queue } from '@darkroom/core/queue/queue';
import { QueueUnavailable } from '@darkroom/core/queue/queue';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database, SweepResult } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { createReachability, type Reachability } from '../../log/reachability.ts';

export interface SweepDeps {
  db: Pick<
    Database,
    'sweep' | 'cancelDue' | 'markDelivered' | 'markUndelivered' | 'listDelivered' | 'adoptQueueEpoch'
  >;
  queue: Pick<Queue, 'deliver' | 'gone' | 'epoch'>;
  database: Reachability;
  log: Log;
  signal: AbortSignal;
}

/** Rows of each kind that one call looks at. */
const limit = 500;
/** Calls in one pass, so that a flood does not keep a pass from ever ending. */
const maxRounds = 20;
/** Of one call of the queue, in milliseconds: a batch is larger than a request's single delivery. */
const timeoutMs = 5_000;

/**
 * One pass of the reconciler: ends what is overdue, delivers what the queue does not hold, and looks for what it
 * should hold. Every worker does this; the rows that one takes are skipped by the others. A part that is away is
 * said once and left to the next pass: without the queue jobs still end and are refunded in time.
 */
export function createSweep({ db, queue, database, log, signal }: SweepDeps) {
  const doorbell = createReachability(log, 'queue');

  return async function sweep(): Promise<void> {
    try {
      const epoch = await ofQueue(() => queue.epoch({ timeoutMs: 2_000 }));
      // A new epoch makes every delivery undelivered, so it is noted first.
      if (epoch) await adopt(epoch.answer);
      await cancelDue();
      await sweepRows({ deliver: epoch !== null });
      if (epoch && !signal.aborted) await findLostDeliveries();
      database.reached();
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      database.missed(error);
    }
  };

  async function adopt(epoch: string): Promise<void> {
    if (await db.adoptQueueEpoch({ epoch })) log.fact('queue_emptied', { epoch });
  }

  /** Goes on while there is more. */
  async function cancelDue(): Promise<void> {
    for (let round = 0; round < maxRounds && !signal.aborted; round += 1) {
      const ended = await db.cancelDue({ limit });
      for (const { jobId } of ended) log.fact('job_canceled', { job_id: jobId, cause: 'Cancel-After' });
      if (ended.length === 0) return;
    }
  }

  /** Goes on while there is more. What could not be put in the queue is not marked, and comes up again. */
  async function sweepRows(options: { deliver: boolean }): Promise<void> {
    let { deliver } = options;
    for (let round = 0; round < maxRounds && !signal.aborted; round += 1) {
      const { due, overdue, crashed, lapsed } = await db.sweep({ limit });
      const ended = overdue + crashed;
      if (due.length + ended + lapsed > 0) {
        log.fact('sweep_finished', { due: due.length, overdue, crashed, lapsed });
      }
      deliver &&= due.length === 0 || (await deliverAll(due));
      if (ended + lapsed === 0 && (due.length < limit || !deliver)) return;
    }
  }

  async function deliverAll(due: SweepResult['due']): Promise<boolean> {
    const delivered = await ofQueue(() => queue.deliver(due, { timeoutMs }));
    if (delivered) await db.markDelivered(due);
    return delivered !== null;
  }

  async function findLostDeliveries(): Promise<void> {
    const delivered = await db.listDelivered({ limit });
    if (delivered.length === 0) return;
    const gone = await ofQueue(() => queue.gone(delivered, { timeoutMs }));
    if (!gone) return;
    const lost = new Set(gone.answer.map(({ jobId }) => jobId));
    const kept = delivered.filter(({ jobId }) => !lost.has(jobId));
    if (lost.size > 0) {
      log.fact('sweep_finished', { lost_deliveries: lost.size });
      await db.markUndelivered(gone.answer);
    }
    // Those just looked for go to the end of the line.
    if (kept.length > 0) await db.markDelivered(kept);
  }

  /** The queue's answer, or null while it is away. */
  async function ofQueue<T>(ask: () => Promise<T>): Promise<{ answer: T } | null> {
    try {
      const answer = await ask();
      doorbell.reached();
      return { answer };
    } catch (error) {
      if (!(error instanceof QueueUnavailable)) throw error;
      doorbell.missed(error);
      return null;
    }
  }
}
