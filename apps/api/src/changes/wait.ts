import type { Job } from '@darkroom/core/job/job';
import type { ChangeFeed } from './feed.ts';

export interface Waited {
  /** The newest state this process knows, whether it satisfies `until` or not. */
  job: Job;
  /** The user's credits, if they were read together with the end of the job. */
  balance?: number | undefined;
}

/**
 * Waits until the job satisfies `until`, at most `timeoutMs` milliseconds or until `signal` aborts. Returns at once if the
 * feed is full. `endOnly`: only the end of the job can satisfy `until`, so no interim step triggers a poll.
 */
export function waitForJob(
  changes: ChangeFeed,
  job: Job,
  options: { until: (job: Job) => boolean; endOnly?: boolean; timeoutMs: number; signal: AbortSignal },
): Promise<Waited> {
  const { until, endOnly = false, timeoutMs, signal } = options;
  if (until(job) || signal.aborted || changes.isFull) return Promise.resolve({ job });
  return new Promise((resolve) => {
    let newest: Waited = { job };
    let unfollow: (() => void) | undefined;
    let finished = false;
    const finish = () => {
      if (finished) return;
      finished = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      unfollow?.();
      resolve(newest);
    };
    const timer = setTimeout(finish, timeoutMs);
    signal.addEventListener('abort', finish);
    unfollow = changes.followJob(job, {
      endOnly,
      changed(changed, _position, balance) {
        newest = { job: changed, balance };
        if (until(changed)) finish();
      },
      ended: finish,
    });
    // `followJob` can call back before it returns.
    if (finished) unfollow();
  });
}
