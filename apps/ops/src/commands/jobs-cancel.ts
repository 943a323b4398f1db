import type { Command } from '../cli/command.ts';
import { readId } from '../cli/read-values.ts';
import { withoutPrompt } from './jobs-list.ts';

/** Cancels and refunds a job, whosever it is. */
export const jobsCancel: Command = {
  name: 'jobs cancel',
  summary: 'cancels and refunds a job at any stage (asks first)',
  arguments: ['<job id>'],
  async run(input, { operator, confirm }) {
    const jobId = readId(input.arguments[0], 'job');
    await confirm(`Job ${jobId} will be canceled and its credits given back.`);
    const job = await operator().cancelJob({ jobId });
    const refunded = job.receipt?.refunded ?? 0;
    return {
      data: withoutPrompt(job),
      text: `Canceled job ${job.id} of ${job.user_id}; ${refunded} credits were given back.\n`,
    };
  },
};
