import type { Job } from '@darkroom/core/job/job';
import type { Watch } from './watch.ts';

/**
 * Waits until the job `fits`, for `forMs` at most, and no longer than `signal` lets it. Resolves to the newest state
 * that this process knows then, whether it fits or not. A process that is full does not wait.
 */
export function waitFor(
  watch: Watch,
  job: Job,
  options: { fits: (job: Job) => boolean; forMs: number; signal: AbortSignal },
): Promise<Job> {
  const { fits, forMs, signal } = options;
  if (fits(job) || signal.aborted || watch.full) return Promise.resolve(job);
  return new Promise((resolve) => {
    let newest = job;
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
      changed(changed) {
        newest = changed;
        if (fits(changed)) finish();
      },
      ended: finish,
    });
    // It may have been over before there was anything to end.
    if (over) unfollow();
  });
}
