import { openQueue } from '@darkroom/core/queue/open';
import { QueueUnavailable } from '@darkroom/core/queue/queue';
import type { Command } from '../cli/command.ts';
import { readId } from '../cli/read-values.ts';
import { spell } from '../cli/times.ts';

/** Delivers a waiting job anew. */
export const jobsRequeue: Command = {
  name: 'jobs requeue',
  summary: 'delivers a waiting job anew, now',
  arguments: ['<job id>'],
  details: `
Makes the job due now, under a new delivery, and puts that in the queue. It moves no credits, counts no retry and
cannot run a job twice: whoever gets the delivery still has to claim the job, and what has ended stays ended.
A job that a worker has in hand is left to it (exits 1).`,
  async run(input, { operator, database, queueUrl, log, afterwards }) {
    const jobId = readId(input.arguments[0], 'job');
    const queue = openQueue({ url: queueUrl(), log });
    afterwards(() => queue.close());
    const requeued = await operator().requeueJob({ jobId });
    if (requeued.kind === 'in_hand') {
      const { workerId, leaseMs } = requeued;
      const lease = leaseMs > 0 ? `for another ${spell(leaseMs)} at least` : 'under a lease that is over';
      const then = leaseMs > 0 ? 'jobs cancel ends it' : 'the next sweep takes it back';
      return {
        data: { kind: 'in_hand', job_id: jobId, worker_id: workerId, lease_ms: leaseMs },
        text: `Worker ${workerId} has job ${jobId} in hand, ${lease}; ${then}.\n`,
        code: 1,
      };
    }
    const { delivery } = requeued;
    const queued = await queue.deliver([delivery], { timeoutMs: 5_000 }).then(
      () => true,
      (error: unknown) => {
        if (!(error instanceof QueueUnavailable)) throw error;
        return false;
      },
    );
    if (queued) await database().markDelivered([delivery]);
    return {
      data: { kind: 'due', job_id: jobId, delivery: delivery.delivery, queued },
      text: queued
        ? `Job ${jobId} is in the queue as delivery ${delivery.delivery}.\n`
        : `Job ${jobId} is due as delivery ${delivery.delivery}. The queue cannot be reached; a sweep delivers it once it can.\n`,
      code: queued ? 0 : 1,
    };
  },
};
