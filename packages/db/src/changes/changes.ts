import type { Job } from '@darkroom/core/job/job';
import { toJob } from '../jobs/to-job.ts';
import { type Call, oneAttempt } from '../transport/call.ts';

/** What a follower of jobs and users has seen so far. */
export interface Seen {
  jobs: readonly { id: string; version: number }[];
  users: readonly {
    id: string;
    /** A `now` of an earlier answer; null: only unfinished jobs. */
    since: string | null;
    /** Also jobs that ended since then. */
    resumedFrom?: string;
  }[];
}

export interface Changes {
  /** The database's time of this answer. */
  now: string;
  /** Newer than what was seen, in the order of their changes. Two answers may contain the same job. */
  jobs: Job[];
  /** Ids of `seen` whose job no longer exists. */
  gone: string[];
  /** Credits by user, for the users of ended jobs among `jobs`; read in the same snapshot. */
  balances: Record<string, number>;
}

export interface ChangeOperations {
  /** What is new to a follower. Not retried: the follower asks again anyway. */
  listChanges(seen: Seen): Promise<Changes>;
}

export function changeOperations(call: Call): ChangeOperations {
  return {
    async listChanges({ jobs, users }) {
      const changes: Changes = await call(
        'list_changes',
        {
          p_jobs: jobs,
          p_users: users.map(({ id, since, resumedFrom }) => ({ id, since, resumed_from: resumedFrom })),
        },
        oneAttempt,
      );
      return { ...changes, jobs: changes.jobs.map(toJob) };
    },
  };
}
