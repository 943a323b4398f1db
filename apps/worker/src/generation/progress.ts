import type { JobStage } from '@darkroom/core/job/job';
import { estimateProgress } from '@darkroom/core/job/progress';
import type { Log } from '@darkroom/core/log/log';
import type { Database } from '@darkroom/db/database';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import type { Run } from './runs.ts';

export interface ProgressDeps {
  db: Pick<Database, 'reportProgress'>;
  /** Usual time of one call of a model, in milliseconds. */
  medianOf(model: string): number;
  /** Monotonic, in milliseconds. */
  now: () => number;
  log: Log;
}

/** Shows how far a run is. Nothing waits for it, and only a lost claim comes of it. */
export interface Progress {
  readonly stage: JobStage;
  /** A call is being sent: `generating`, shown at once, and then estimated from what this model usually takes. */
  calling(model: string): void;
  /** The call is over, whatever came of it. */
  called(): void;
  /** A picture has come, which is to be checked and kept: `storing`, shown at once. */
  storing(): void;
  close(): void;
}

/** The estimate lies between the two: it begins at 15 and ends at 89. */
const entryPoint = { generating: 10, storing: 90 };
const smallestStep = 5;
const stepEveryMs = 1_000;

/** Reports of one run, one at a time; the claim itself has shown `starting`. A lost claim stops the run. */
export function createProgress(run: Run, { db, medianOf, now, log }: ProgressDeps): Progress {
  let stage: JobStage = 'starting';
  let shown = run.claim.job.progress;
  let shownAt = now();
  let ticker: NodeJS.Timeout | undefined;
  let next: { stage: JobStage; progress: number } | null = null;
  let sending = false;

  return {
    get stage() {
      return stage;
    },
    calling(model) {
      enter('generating');
      const startedAt = now();
      const medianMs = medianOf(model);
      clearInterval(ticker);
      const estimate = () => estimateProgress({ elapsedMs: now() - startedAt, medianMs });
      ticker = setInterval(() => step(estimate()), stepEveryMs);
    },
    called() {
      clearInterval(ticker);
    },
    storing() {
      clearInterval(ticker);
      enter('storing');
    },
    close() {
      clearInterval(ticker);
      next = null;
    },
  };

  function enter(entered: 'generating' | 'storing'): void {
    if (stage === entered) return;
    stage = entered;
    show(entryPoint[entered]);
  }

  function step(progress: number): void {
    if (progress - shown >= smallestStep && now() - shownAt >= stepEveryMs) show(progress);
  }

  function show(progress: number): void {
    shown = Math.max(shown, progress);
    shownAt = now();
    next = { stage, progress: shown };
    void send();
  }

  async function send(): Promise<void> {
    if (sending) return;
    sending = true;
    while (next) {
      const report = next;
      next = null;
      await tell(report);
    }
    sending = false;
  }

  async function tell(report: { stage: JobStage; progress: number }): Promise<void> {
    const { jobId, attempt } = run;
    try {
      if (!(await db.reportProgress({ jobId, attempt, ...report }))) run.stop('lost');
    } catch (error) {
      // A report that does not get through is made up for by the next one.
      if (!(error instanceof DatabaseUnavailable))
        log.fact('unexpected_error', { job_id: jobId, attempt, error });
    }
  }
}
