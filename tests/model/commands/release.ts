import * as fc from 'fast-check';
import { callsOf, callsSaid } from '../calls.ts';
import { defineCall, defineCommand } from '../command.ts';
import { isClaimed } from '../model.ts';
import { attemptOffset, findJob, jobThatIs, nameJob } from '../pick.ts';
import { putBack } from '../transitions.ts';

/** A worker that stops hands an unfinished job back. */
export const release = defineCommand({
  weight: 4,
  choice: fc.record({ job: jobThatIs('held'), offset: attemptOffset, calls: callsSaid }),
  steps({ job, offset, calls: code }, { model: now }) {
    const id = findJob(now, job);
    if (!id) return [];
    const attempt = now.jobs[id]!.attempt + offset;
    const calls = callsOf(now, id, attempt, code);
    return [
      defineCall({
        name: 'release_job',
        text: `${nameJob(now, id)} attempt ${attempt}`,
        locks: [id],
        send: (door) => door.call('select release_job($1, $2, $3)', [id, attempt, JSON.stringify(calls)]),
        outcome: (model) =>
          isClaimed(model.jobs[id], attempt)
            ? putBack(model, id, { delayMs: 0, calls })
            : { model, answer: null },
        labels: (answer) => [answer === null ? 'lost' : 'released'],
      }),
    ];
  },
});
