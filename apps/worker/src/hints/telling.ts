import type { Hint, Hints } from '@darkroom/core/queue/hints';
import type { Database } from '@darkroom/db/database';

/**
 * The same database; whatever changes a job is followed by a hint for those who wait for it. A hint costs the run
 * nothing: it is sent and forgotten, and a change whose hint is lost is seen within a second all the same.
 */
export function tellingOfChanges(db: Database, hints: Pick<Hints, 'publish'>): Database {
  function told<Args extends { jobId: string }, Result>(
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
    claimJob: told(db.claimJob, (answer) => {
      if (answer.kind !== 'claimed') return {};
      const { user_id: userId, version } = answer.claim.job;
      return { userId, version, goesOn: true };
    }),
    async reportProgress(reports) {
      const lost = await db.reportProgress(reports);
      const lostIds = new Set(lost.map(({ jobId }) => jobId));
      for (const { jobId } of reports)
        hints.publish(lostIds.has(jobId) ? { jobId } : { jobId, goesOn: true });
      return lost;
    },
    completeJob: told(db.completeJob),
    failJob: told(db.failJob),
    retryJob: told(db.retryJob),
    releaseJob: told(db.releaseJob),
    async cancelDue(pass) {
      const ended = await db.cancelDue(pass);
      for (const hint of ended) hints.publish(hint);
      return ended;
    },
  };
}
