import type { JobStage } from '@darkroom/core/job/job';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { Run } from './active-runs.ts';

export interface ProgressReport {
  stage: JobStage;
  /** 0 to 99. */
  progress: number;
}

/** Progress reports of all runs, waiting to be written to the database. */
export interface ProgressReports {
  /** Writes this with the next request. Replaces an unsent report of the same run. */
  add(run: Run, report: ProgressReport): void;
  /** Drops the unsent report of this run. */
  forget(run: Run): void;
}

/**
 * Reports in one transaction. It holds row locks, and each report takes two of the 64 subtransactions that Postgres
 * caches for readers.
 */
const maxBatchSize = 32;

/**
 * Writes progress reports, one request at a time; reports that arrive meanwhile share the next request. So a worker with
 * hundreds of jobs sends a few requests a second, and one with a single job does not wait. A run whose claim was lost is
 * stopped; a report that fails is replaced by the next one.
 */
export function createProgressReports({
  db,
  log,
}: {
  db: Pick<Database, 'reportProgress'>;
  log: Log;
}): ProgressReports {
  const waiting = new Map<Run, ProgressReport>();
  let sending = false;

  return {
    add(run, report) {
      waiting.set(run, report);
      if (!sending) void send();
    },
    forget: (run) => void waiting.delete(run),
  };

  async function send(): Promise<void> {
    sending = true;
    // Reports added in the same turn share one request.
    await Promise.resolve();
    while (waiting.size > 0) await write(take());
    sending = false;
  }

  function take(): [Run, ProgressReport][] {
    const batch = [...waiting].slice(0, maxBatchSize);
    for (const [run] of batch) waiting.delete(run);
    return batch;
  }

  async function write(batch: readonly [Run, ProgressReport][]): Promise<void> {
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
