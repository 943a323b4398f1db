import type { OperatedJob } from '@darkroom/db/operators/runs';
import { table } from './table.ts';
import { ago } from './times.ts';

/** Jobs as a table. `now` in epoch milliseconds. */
export function jobTable(jobs: readonly OperatedJob[], now: number): string {
  return table(
    ['job', 'user', 'status', 'stage', '%', 'age', 'attempt', 'model', 'delivery', 'error'],
    jobs.map((job) => [
      job.id,
      job.user_id,
      job.status,
      job.completed_at === null ? job.stage : null,
      job.progress,
      ago(job.created_at, now),
      job.attempt,
      job.model ?? job.model_requested,
      job.run?.delivery,
      job.error_code,
    ]),
  );
}
