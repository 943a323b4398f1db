import type { Hint, Hints } from '@darkroom/core/queue/hints';
import type { Database } from '@darkroom/db/database';

/**
 * The same database, which publishes a hint after each change of a job so that waiting clients look at once. Publishing
 * is fire and forget: a change whose hint is lost is still seen within a second, by polling.
 */
export function withHints(db: Database, hints: Pick<Hints, 'publish'>): Database {
  function publishAfter<Args extends { jobId: string }, Result>(
    change: (args: Args) => Promise<Result>,
    describe: (result: Result) => Omit<Hint, 'jobId'> = () => ({}),
  ): (args: Args) => Promise<Result> {
    return async (args) => {
      const result = await change(args);
      hints.publish({ jobId: args.jobId, ...describe(result) });
      return result;
    };
  }

  return {
    ...db,
    claimJob: publishAfter(db.claimJob, (answer) => {
      if (answer.kind !== 'claimed') return {};
      const { user_id: userId, version } = answer.claim.job;
      return { userId, version, isInterim: true };
    }),
    async reportProgress(reports) {
      const lost = await db.reportProgress(reports);
      const lostIds = new Set(lost.map(({ jobId }) => jobId));
      for (const { jobId } of reports)
        hints.publish(lostIds.has(jobId) ? { jobId } : { jobId, isInterim: true });
      return lost;
    },
    completeJob: publishAfter(db.completeJob),
    failJob: publishAfter(db.failJob),
    retryJob: publishAfter(db.retryJob),
    releaseJob: publishAfter(db.releaseJob),
    async cancelDue(pass) {
      const canceled = await db.cancelDue(pass);
      for (const hint of canceled) hints.publish(hint);
      return canceled;
    },
  };
}
