import type { Command } from '../../cli/command.ts';
import { parseId } from '../../cli/parse-values.ts';
import { withoutPrompt } from '../../display/without-prompt.ts';

export const jobsCancel: Command = {
  name: 'jobs cancel',
  summary: "cancels and refunds any user's job at any stage (asks first)",
  arguments: ['<job id>'],
  async run(input, { operator, confirm }) {
    const jobId = parseId(input.arguments[0], 'job');
    await confirm(`Job ${jobId} will be canceled and refunded.`);
    const job = await operator().cancelJob({ jobId });
    const refunded = job.receipt?.refunded ?? 0;
    return {
      data: withoutPrompt(job),
      text: `Canceled job ${job.id} of ${job.user_id}; ${refunded} credits refunded.\n`,
    };
  },
};
