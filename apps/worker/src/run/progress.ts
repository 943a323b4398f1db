import type { JobStage } from '@darkroom/core/job/job';
import { estimateProgress } from '@darkroom/core/job/progress';
import type { Run } from './active-runs.ts';
import type { ProgressReports } from './progress-reports.ts';

export interface ProgressDeps {
  reports: ProgressReports;
  /** The median duration of a call of this model, in milliseconds. */
  medianOf(model: string): number;
  /** Monotonic, in milliseconds. */
  now: () => number;
}

/** Reports the progress of one run. Reporting never delays or fails the run; it can only find that the claim was lost. */
export interface Progress {
  readonly stage: JobStage;
  /** A model call starts: reports `generating` now, then estimates from the model's median duration. */
  calling(model: string): void;
  /** The call ended, with or without an image. */
  called(): void;
  /** An image arrived and is checked and stored: reports `storing` now. */
  storing(): void;
  close(): void;
}

/** Progress at the start of each stage, in percent; estimates for `generating` run from 15 to 89. */
const stageStart = { generating: 10, storing: 90 };
const smallestStep = 5;
const stepEveryMs = 1_000;

/** Estimates of all runs are updated in one timer, once a second, so that they are reported in one request. */
export function createProgressTracker(deps: ProgressDeps): (run: Run) => Progress {
  const ticker = createTicker();
  return (run) => createProgress(run, ticker, deps);
}

/** The claim itself has already reported `starting`. */
function createProgress(run: Run, ticker: Ticker, { reports, medianOf, now }: ProgressDeps): Progress {
  let stage: JobStage = 'starting';
  let reported = run.claim.job.progress;
  let reportedAt = now();
  let stopEstimating = () => {};

  return {
    get stage() {
      return stage;
    },
    calling(model) {
      enter('generating');
      const startedAt = now();
      const medianMs = medianOf(model);
      stopEstimating();
      stopEstimating = ticker.add(() => step(estimateProgress({ elapsedMs: now() - startedAt, medianMs })));
    },
    called: () => stopEstimating(),
    storing() {
      stopEstimating();
      enter('storing');
    },
    close() {
      stopEstimating();
      reports.forget(run);
    },
  };

  function enter(entered: 'generating' | 'storing'): void {
    if (stage === entered) return;
    stage = entered;
    report(stageStart[entered]);
  }

  function step(progress: number): void {
    if (progress - reported >= smallestStep && now() - reportedAt >= stepEveryMs) report(progress);
  }

  function report(progress: number): void {
    reported = Math.max(reported, progress);
    reportedAt = now();
    reports.add(run, { stage, progress: reported });
  }
}

interface Ticker {
  /** Calls `update` once a second until the returned function is called. */
  add(update: () => void): () => void;
}

/** One timer for all updates, running only while there is one. */
function createTicker(): Ticker {
  const updates = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  return {
    add(update) {
      updates.add(update);
      timer ??= setInterval(() => {
        for (const each of updates) each();
      }, stepEveryMs);
      return () => {
        updates.delete(update);
        if (updates.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
