import { openQueue } from '@darkroom/core/queue/open';
import { QueueUnavailable } from '@darkroom/core/queue/queue';
import type { Command } from '../../cli/command.ts';
import { parseId } from '../../cli/parse-values.ts';
import { spellDuration } from '../../display/times.ts';

export const jobsRequeue: Command = {
  name: 'jobs requeue',
  summary: 'enqueues a waiting job again, due now',
  arguments: ['<job id>'],
  details: `
Makes the job due now and enqueues it under a new delivery. It moves no credits, counts no retry and cannot run a job
twice, because a worker must still claim it; a job that has ended stays ended. A running job is left alone (exits 1).`,
  async run(input, { operator, database, queueUrl, log, onExit }) {
    const jobId = parseId(input.arguments[0], 'job');
    const queue = openQueue({ url: queueUrl(), log });
    onExit(() => queue.close());
    const requeued = await operator().requeueJob({ jobId });
    if (requeued.kind === 'in_hand') {
      const { workerId, leaseMs } = requeued;
      const hint =
        leaseMs > 0
          ? `its lease lasts at least ${spellDuration(leaseMs)}. Use jobs cancel to end the job.`
          : 'its lease has expired. The next sweep takes the job back.';
      return {
        data: { kind: 'in_hand', job_id: jobId, worker_id: workerId, lease_ms: leaseMs },
        text: `Job ${jobId} runs in worker ${workerId}; ${hint}\n`,
        code: 1,
      };
    }
    const { delivery } = requeued;
    const queued = await queue.enqueue([delivery], { timeoutMs: 5_000 }).then(
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
        : `Job ${jobId} is due as delivery ${delivery.delivery}. The queue cannot be reached; a sweep enqueues it later.\n`,
      code: queued ? 0 : 1,
    };
  },
};
