import type { JobStage } from '@darkroom/core/job/job';
import { estimateProgress } from '@darkroom/core/job/progress';
import type { Reports } from './reports.ts';
import type { Run } from './runs.ts';

export interface ProgressDeps {
  reports: Reports;
  /** Usual time of one call of a model, in milliseconds. */
  medianOf(model: string): number;
  /** Monotonic, in milliseconds. */
  now: () => number;
}

/** Shows how far a run is. Nothing waits for it, and only a lost claim comes of it. */
export interface Progress {
  readonly stage: JobStage;
  /** A call is being sent: `generating`, shown at once, and then estimated from what this model usually takes. */
  calling(model: string): void;
  /** The call is over, whatever came of it. */
  called(): void;
  /** An image has come, which is to be checked and kept: `storing`, shown at once. */
  storing(): void;
  close(): void;
}

/** The estimate lies between the two: it begins at 15 and ends at 89. */
const entryPoint = { generating: 10, storing: 90 };
const smallestStep = 5;
const stepEveryMs = 1_000;

/**
 * The progress of runs. All estimates are looked at together, once a second, so that what they come to is reported
 * together, however many runs there are.
 */
export function createProgressOf(deps: ProgressDeps): (run: Run) => Progress {
  const ticker = createTicker();
  return (run) => createProgress(run, ticker, deps);
}

/** The claim itself has shown `starting`. */
function createProgress(run: Run, ticker: Ticker, { reports, medianOf, now }: ProgressDeps): Progress {
  let stage: JobStage = 'starting';
  let shown = run.claim.job.progress;
  let shownAt = now();
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
      stopEstimating = ticker.each(() => step(estimateProgress({ elapsedMs: now() - startedAt, medianMs })));
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
    show(entryPoint[entered]);
  }

  function step(progress: number): void {
    if (progress - shown >= smallestStep && now() - shownAt >= stepEveryMs) show(progress);
  }

  function show(progress: number): void {
    shown = Math.max(shown, progress);
    shownAt = now();
    reports.show(run, { stage, progress: shown });
  }
}

interface Ticker {
  /** Calls it once a second, until the function that is returned is called. */
  each(look: () => void): () => void;
}

/** One timer for all, which runs while there is anything to look at. */
function createTicker(): Ticker {
  const looks = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  return {
    each(look) {
      looks.add(look);
      timer ??= setInterval(() => {
        for (const each of looks) each();
      }, stepEveryMs);
      return () => {
        looks.delete(look);
        if (looks.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
