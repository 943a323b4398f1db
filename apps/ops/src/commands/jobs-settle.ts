import type { Command } from '../cli/command.ts';
import { readId } from '../cli/read-values.ts';

/** Books the refund that a job owes. */
export const jobsSettle: Command = {
  name: 'jobs settle',
  summary: 'books the refund that a failed or canceled job still owes (asks first)',
  arguments: ['<job id>'],
  details: `
For a job that audit names because somebody ended it past the functions of the database. Its refund is booked once, with
the job's id, however often the command is repeated; a job that owes nothing is left as it is. A job that was not
failed or canceled is refused.`,
  async run(input, { operator, confirm }) {
    const jobId = readId(input.arguments[0], 'job');
    await confirm(`If job ${jobId} owes its user a refund, it will be booked.`);
    const { user_id: userId, status, refunded, balance } = await operator().settleJob({ jobId });
    return {
      data: { job_id: jobId, user_id: userId, status, refunded, balance },
      text:
        refunded > 0
          ? `Booked ${refunded} credits for job ${jobId}; ${userId} has ${balance ?? 0} now.\n`
          : `Job ${jobId} of ${userId} owes nothing: no credits were booked.\n`,
    };
  },
};
