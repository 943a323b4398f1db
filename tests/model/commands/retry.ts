import * as fc from 'fast-check';
import { callsOf, callsSaid } from '../calls.ts';
import { defineCall, defineCommand, type Outcome } from '../command.ts';
import { type CallEntry, isClaimed, type Model, seconds } from '../model.ts';
import { attemptOffset, findJob, jobThatIs, nameJob } from '../pick.ts';
import { deliveryPriority, endJob, putBack, writeRun } from '../transitions.ts';

interface Retry {
  id: string;
  attempt: number;
  delayMs: number;
  counts: boolean;
  calls: CallEntry[];
}

/** A worker puts a job back for later; also once more after its answer was lost, and without the claim. */
export const retry = defineCommand({
  weight: 8,
  choice: fc.record({
    job: fc.oneof({ weight: 4, arbitrary: jobThatIs('held') }, { weight: 1, arbitrary: jobThatIs('free') }),
    offset: attemptOffset,
    delayMs: fc.constantFrom(
      -1,
      0,
      seconds(1),
      seconds(5),
      seconds(30),
      seconds(120),
      seconds(660),
      seconds(660),
    ),
    counts: fc.boolean(),
    calls: callsSaid,
  }),
  steps({ job, offset, delayMs, counts, calls: code }, { model: now }) {
    const id = findJob(now, job);
    if (!id) return [];
    const attempt = now.jobs[id]!.attempt + offset;
    const call = { id, attempt, delayMs, counts, calls: callsOf(now, id, attempt, code) };
    return [
      defineCall({
        name: 'retry_job',
        text: `${nameJob(now, id)} attempt ${attempt} in ${delayMs} ms${counts ? ', counted' : ''}`,
        locks: [id],
        send: (door) =>
          door.call(`select retry_job($1, $2, 'provider_unavailable', '503', $3, $4, $5)`, [
            id,
            attempt,
            delayMs,
            counts,
            JSON.stringify(call.calls),
          ]),
        outcome: (model) => decide(model, call),
      }),
    ];
  },
});

function decide(model: Model, { id, attempt, counts, calls, ...call }: Retry): Outcome {
  const job = model.jobs[id];
  const delayMs = Math.max(call.delayMs, 0);
  if (job?.run && job.status === 'pending' && job.attempt === attempt) {
    const { delivery, run_at } = job.run;
    const priority = deliveryPriority(job.run, job.run.run_at);
    return {
      model,
      answer: { kind: 'retried', delivery, priority, delay_ms: Math.max(0, run_at - model.now) },
    };
  }
  if (job?.run && job.status === 'failed' && job.attempt === attempt)
    return { model, answer: { kind: 'failed' } };
  if (!isClaimed(job, attempt)) return { model, answer: { kind: 'lost' } };
  if (model.now + delayMs >= job.deadline_at!) {
    const cause = '503; the next try would be after the deadline';
    return {
      model: endJob(model, id, { status: 'failed', code: 'provider_unavailable', cause, calls }),
      answer: { kind: 'failed' },
    };
  }
  const noted = writeRun(model, id, {
    counted_retries: job.run.counted_retries + (counts ? 1 : 0),
    past_failures: [...job.run.past_failures, 'provider_unavailable'],
    cause: '503',
  });
  return putBack(noted, id, { delayMs, calls });
}
