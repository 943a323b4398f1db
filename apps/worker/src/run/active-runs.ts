import type { ModelCall } from '@darkroom/core/job/outcome';
import type { Claim, JobRef } from '@darkroom/db/runs/claim';

/** Why a run has to end before it is done. */
export type StopReason = 'lost' | 'interrupted' | 'deadline';

/** The abort reason of a stopped run. */
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
  /** The job's deadline, in milliseconds of the worker's monotonic clock. */
  readonly deadlineAt: number;
  /** Aborts with a {@link RunStopped}. */
  readonly signal: AbortSignal;
  /** The model calls of this attempt so far. */
  readonly calls: ModelCall[];
  /** Keys of the objects that this attempt may have stored. */
  readonly objects: string[];
  /** The first reason wins. */
  stop(reason: StopReason): void;
  /** Clears the deadline timer. */
  end(): void;
}

/** The jobs that this worker has reserved or is running. */
export interface ActiveRuns {
  /** Reserves the job before its claim. False when it is already active: this worker got two deliveries of it. */
  reserve(jobId: string): boolean;
  /** Turns a reservation into a run once the job is claimed. */
  begin(claim: Claim, options: { deadlineAt: number }): Run;
  /** Removes the job, whether it was only reserved or ran. */
  release(jobId: string): void;
  /** The runs in progress; reservations are not among them. */
  refs(): JobRef[];
  stop(refs: readonly JobRef[], reason: StopReason): void;
  stopAll(reason: StopReason): void;
  /** Stops every run as interrupted, including those that begin later. */
  interrupt(): void;
  /** Resolves when no job is active. */
  idle(): Promise<void>;
  /** Reservations and runs. */
  readonly size: number;
}

/** `now` is a monotonic clock in milliseconds. */
export function createActiveRuns({ now }: { now: () => number }): ActiveRuns {
  const active = new Map<string, Run | null>();
  const waiting = new Set<() => void>();
  let interrupted = false;

  const running = () => [...active.values()].filter((run) => run !== null);

  return {
    reserve(jobId) {
      if (active.has(jobId)) return false;
      active.set(jobId, null);
      return true;
    },
    begin(claim, { deadlineAt }) {
      const run = createRun(claim, { deadlineAt, timeLeftMs: deadlineAt - now() });
      if (interrupted) run.stop('interrupted');
      active.set(run.jobId, run);
      return run;
    },
    release(jobId) {
      active.get(jobId)?.end();
      active.delete(jobId);
      if (active.size > 0) return;
      for (const resolve of waiting) resolve();
      waiting.clear();
    },
    refs: () => running().map(({ jobId, attempt }) => ({ jobId, attempt })),
    stop(refs, reason) {
      for (const { jobId, attempt } of refs) {
        const run = active.get(jobId);
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
      if (active.size === 0) return Promise.resolve();
      return new Promise<void>((resolve) => waiting.add(resolve));
    },
    get size() {
      return active.size;
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
