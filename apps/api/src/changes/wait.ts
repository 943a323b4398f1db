import type { Job } from '@darkroom/core/job/job';
import type { Watch } from './watch.ts';

export interface Waited {
  /** The newest state that this process knows, whether it fits or not. */
  job: Job;
  /** The user's credits, where they were read together with the job's end. */
  balance?: number | undefined;
}

/**
 * Waits until the job `fits`, for `forMs` at most, and no longer than `signal` lets it. A process that is full does not
 * wait. `endOnly`: it is the end of the job that fits, so that no step before it is worth a look of its own.
 */
export function waitFor(
  watch: Watch,
  job: Job,
  options: { fits: (job: Job) => boolean; endOnly?: boolean; forMs: number; signal: AbortSignal },
): Promise<Waited> {
  const { fits, endOnly = false, forMs, signal } = options;
  if (fits(job) || signal.aborted || watch.full) return Promise.resolve({ job });
  return new Promise((resolve) => {
    let newest: Waited = { job };
    let unfollow: (() => void) | undefined;
    let over = false;
    const finish = () => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      unfollow?.();
      resolve(newest);
    };
    const timer = setTimeout(finish, forMs);
    signal.addEventListener('abort', finish);
    unfollow = watch.job(job, {
      endOnly,
      changed(changed, _position, balance) {
        newest = { job: changed, balance };
        if (fits(changed)) finish();
      },
      ended: finish,
    });
    // It may have been over before there was anything to end.
    if (over) unfollow();
  });
}
