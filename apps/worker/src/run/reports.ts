import type { JobStage } from '@darkroom/core/job/job';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { Run } from './runs.ts';

export interface Report {
  stage: JobStage;
  /** 0 to 99. */
  progress: number;
}

/** What is to be shown of all runs, on its way to the database. */
export interface Reports {
  /** Shows this as soon as the request before it is answered; of a run, only the latest. */
  show(run: Run, report: Report): void;
  /** Takes back what is not on its way yet. */
  forget(run: Run): void;
}

/**
 * As many in one transaction: it keeps the rows that it has written from everybody else, and of the two subtransactions
 * that each costs Postgres remembers 64 for all who read.
 */
const mostAtOnce = 32;

/**
 * Writes reports, one request at a time; what comes up meanwhile goes together into the next one. So a worker with
 * hundreds of jobs sends a few requests a second, and one with a single job waits for nothing. A run whose claim turns
 * out to be lost is stopped; a report that does not get through is made up for by the next one.
 */
export function createReports({ db, log }: { db: Pick<Database, 'reportProgress'>; log: Log }): Reports {
  const waiting = new Map<Run, Report>();
  let sending = false;

  return {
    show(run, report) {
      waiting.set(run, report);
      if (!sending) void send();
    },
    forget: (run) => void waiting.delete(run),
  };

  async function send(): Promise<void> {
    sending = true;
    // What is shown in the same turn goes together.
    await Promise.resolve();
    while (waiting.size > 0) await write(take());
    sending = false;
  }

  function take(): [Run, Report][] {
    const batch = [...waiting].slice(0, mostAtOnce);
    for (const [run] of batch) waiting.delete(run);
    return batch;
  }

  async function write(batch: readonly [Run, Report][]): Promise<void> {
    try {
      const lost = await db.reportProgress(
        batch.map(([{ jobId, attempt }, report]) => ({ jobId, attempt, ...report })),
      );
      for (const { jobId, attempt } of lost) {
        batch.find(([run]) => run.jobId === jobId && run.attempt === attempt)?.[0].stop('lost');
      }
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) log.fact('unexpected_error', { error });
    }
  }
}
