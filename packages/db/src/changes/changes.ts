import type { Changes, Database } from '../database.ts';
import { toJob } from '../jobs/to-job.ts';
import type { Door } from '../open.ts';

type WatchOperation = 'listChanges' | 'getQueueSnapshot' | 'getQueuePlace' | 'getModelHealth' | 'getJobInput';

/**
 * For readings that are made again within seconds anyway. With the usual time: a direct connection that is given more
 * is not used again, and each of these would cost one.
 */
const oneTry = { repeats: 0 };

export function watchOperations({ call }: Door): Pick<Database, WatchOperation> {
  return {
    async listChanges({ jobs, users }) {
      const changes: Changes = await call(
        'list_changes',
        {
          p_jobs: jobs,
          p_users: users.map(({ id, since, resumedFrom }) => ({ id, since, resumed_from: resumedFrom })),
        },
        oneTry,
      );
      return { ...changes, jobs: changes.jobs.map(toJob) };
    },
    getQueueSnapshot: () => call('queue_snapshot', {}, oneTry),
    getQueuePlace: ({ jobId }) => call('queue_place', { p_job_id: jobId }, oneTry),
    getModelHealth: () => call('model_health'),
    getJobInput: ({ userId, jobId }) => call('job_input', { p_job_id: jobId, p_user_id: userId }),
  };
}
