import type { ModelCall } from '@darkroom/core/job/outcome';
import type { Claim, JobRef } from '@darkroom/db/database';

/** Why a run has to end before it is done. */
export type StopReason = 'lost' | 'interrupted' | 'deadline';

/** What a stopped run throws wherever it waits. */
export class RunStopped extends Error {
  override name = 'RunStopped';
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(`The run was stopped: ${reason}.`);
    this.reason = reason;
  }
}

/** One attempt at one job, from its claim to its settlement. */
export interface Run extends JobRef {
  readonly claim: Claim;
  /** When the job's time is over, in milliseconds of the worker's monotonic clock. */
  readonly deadlineAt: number;
  /** Aborts with a {@link RunStopped}. */
  readonly signal: AbortSignal;
  /** The model calls of this attempt so far. */
  readonly calls: ModelCall[];
  /** Keys under which this attempt may have stored something. */
  readonly objects: string[];
  /** The first reason wins. */
  stop(reason: StopReason): void;
  /** Lets go of the run's timer. */
  end(): void;
}

/** The jobs in this worker's hands. */
export interface Runs {
  /** Takes the job into hand, its claim included. False when it already is: two deliveries of it came here. */
  reserve(jobId: string): boolean;
  begin(claim: Claim, options: { deadlineAt: number }): Run;
  /** Lets the job out of hand. */
  free(jobId: string): void;
  refs(): JobRef[];
  stop(refs: readonly JobRef[], reason: StopReason): void;
  stopAll(reason: StopReason): void;
  /** Stops every run as interrupted, those that are still to begin included. */
  interrupt(): void;
  /** Resolves when nothing is in hand. */
  idle(): Promise<void>;
  readonly size: number;
}

/** `now` is a monotonic clock in milliseconds. */
export function createRuns({ now }: { now: () => number }): Runs {
  const inHand = new Map<string, Run | null>();
  const waiting = new Set<() => void>();
  let interrupted = false;

  const running = () => [...inHand.values()].filter((run) => run !== null);

  return {
    reserve(jobId) {
      if (inHand.has(jobId)) return false;
      inHand.set(jobId, null);
      return true;
    },
    begin(claim, { deadlineAt }) {
      const run = createRun(claim, { deadlineAt, timeLeftMs: deadlineAt - now() });
      if (interrupted) run.stop('interrupted');
      inHand.set(run.jobId, run);
      return run;
    },
    free(jobId) {
      inHand.get(jobId)?.end();
      inHand.delete(jobId);
      if (inHand.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
    refs: () => running().map(({ jobId, attempt }) => ({ jobId, attempt })),
    stop(refs, reason) {
      for (const { jobId, attempt } of refs) {
        const run = inHand.get(jobId);
        if (run?.attempt === attempt) run.stop(reason);
      }
    },
    stopAll(reason) {
      for (const run of running()) run.stop(reason);
    },
    interrupt() {
      interrupted = true;
      for (const run of running()) run.stop('interrupted');
    },
    idle() {
      if (inHand.size === 0) return Promise.resolve();
      return new Promise<void>((resolve) => waiting.add(resolve));
    },
    get size() {
      return inHand.size;
    },
  };
}

function createRun(claim: Claim, options: { deadlineAt: number; timeLeftMs: number }): Run {
  const controller = new AbortController();
  const end = () => clearTimeout(timer);
  const stop = (reason: StopReason) => {
    end();
    if (!controller.signal.aborted) controller.abort(new RunStopped(reason));
  };
  const timer = setTimeout(() => stop('deadline'), Math.max(0, options.timeLeftMs));
  return {
    claim,
    jobId: claim.job.id,
    attempt: claim.attempt,
    deadlineAt: options.deadlineAt,
    signal: controller.signal,
    calls: [],
    objects: [],
    stop,
    end,
  };
}
