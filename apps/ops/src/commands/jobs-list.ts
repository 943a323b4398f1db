import { jobStatuses } from '@darkroom/core/job/job';
import type { OperatedJob } from '@darkroom/db/operators/runs';
import type { Command } from '../cli/command.ts';
import { readCount, readDuration, readOneOf } from '../cli/read-values.ts';
import { table } from '../cli/table.ts';
import { ago } from '../cli/times.ts';

/** Jobs of all users. */
export const jobsList: Command = {
  name: 'jobs list',
  summary: 'jobs of all users, newest first',
  options: {
    status: { value: '<status>', summary: jobStatuses.join(', ') },
    user: { value: '<user id>', summary: 'of this user alone' },
    'older-than': { value: '<duration>', summary: 'made longer ago than this, such as 5m' },
    'oldest-first': { summary: 'what has been waiting longest comes first' },
    limit: { value: '<count>', summary: '1 to 1000, 20 by default' },
  },
  async run(input, { operator, now }) {
    const olderThan = readDuration(input.option('older-than'), { name: '--older-than', byDefault: null });
    const filter = {
      status: readOneOf(input.option('status'), { name: '--status', words: jobStatuses }),
      userId: input.option('user') ?? null,
      before: olderThan === null ? null : new Date(now() - olderThan).toISOString(),
      oldestFirst: input.flag('oldest-first'),
      limit: readCount(input.option('limit'), { name: '--limit', max: 1_000, byDefault: 20 }),
    };
    const jobs = await operator().listJobs(filter);
    return {
      data: { data: jobs.map(withoutPrompt) },
      text: jobs.length === 0 ? 'There are no such jobs.\n' : jobTable(jobs, now()),
    };
  },
};

/** Jobs in columns. */
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

/** What a user wrote is shown only where it is asked for. */
export function withoutPrompt<Row extends { prompt: string | null; metadata: unknown }>(row: Row) {
  const { prompt: _, metadata: __, ...job } = row;
  return job;
}
