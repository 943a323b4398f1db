import { jobStatuses } from '@darkroom/core/job/job';
import type { Command } from '../../cli/command.ts';
import { parseChoice, parseCount, parseDurationOption } from '../../cli/parse-values.ts';
import { jobTable } from '../../display/job-table.ts';
import { withoutPrompt } from '../../display/without-prompt.ts';

export const jobsList: Command = {
  name: 'jobs list',
  summary: 'jobs of all users, newest first',
  options: {
    status: { value: '<status>', summary: jobStatuses.join(', ') },
    user: { value: '<user id>', summary: 'only jobs of this user' },
    'older-than': { value: '<duration>', summary: 'only jobs created longer ago than this, such as 5m' },
    'oldest-first': { summary: 'oldest jobs first' },
    limit: { value: '<count>', summary: '1 to 1000, 20 by default' },
  },
  async run(input, { operator, now }) {
    const olderThan = parseDurationOption(input.option('older-than'), {
      name: '--older-than',
      byDefault: null,
    });
    const filter = {
      status: parseChoice(input.option('status'), { name: '--status', words: jobStatuses }),
      userId: input.option('user') ?? null,
      before: olderThan === null ? null : new Date(now() - olderThan).toISOString(),
      oldestFirst: input.flag('oldest-first'),
      limit: parseCount(input.option('limit'), { name: '--limit', max: 1_000, byDefault: 20 }),
    };
    const jobs = await operator().listJobs(filter);
    return {
      data: { data: jobs.map(withoutPrompt) },
      text: jobs.length === 0 ? 'No jobs found.\n' : jobTable(jobs, now()),
    };
  },
};
