import type { Command } from '../../cli/command.ts';
import { parseId } from '../../cli/parse-values.ts';

export const jobsRefund: Command = {
  name: 'jobs settle',
  summary: 'books the missing refund of a failed or canceled job (asks first)',
  arguments: ['<job id>'],
  details: `
For a job that audit lists because somebody changed its row without the database functions. A job has one refund, so
a repeat books nothing; a job whose refund is booked stays as it is. A job that is neither failed nor canceled is
refused.`,
  async run(input, { operator, confirm }) {
    const jobId = parseId(input.arguments[0], 'job');
    await confirm(`If job ${jobId} lacks its refund, it will be booked.`);
    const { user_id: userId, status, refunded, balance } = await operator().refundJob({ jobId });
    return {
      data: { job_id: jobId, user_id: userId, status, refunded, balance },
      text:
        refunded > 0
          ? `Booked ${refunded} credits for job ${jobId}; ${userId} now has ${balance ?? 0}.\n`
          : `No refund is missing for job ${jobId} of ${userId}: no credits were booked.\n`,
    };
  },
};
