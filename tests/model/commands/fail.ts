import * as fc from 'fast-check';
import { callsOf, callsSaid } from '../calls.ts';
import { defineCall, defineCommand } from '../command.ts';
import { isClaimed } from '../model.ts';
import { attemptOffset, findJob, jobThatIs, nameJob } from '../pick.ts';
import { endJob } from '../transitions.ts';

/** A worker gives a job up for good. */
export const fail = defineCommand({
  weight: 5,
  choice: fc.record({ job: jobThatIs('held'), offset: attemptOffset, calls: callsSaid }),
  steps({ job, offset, calls: code }, { model: now }) {
    const id = findJob(now, job);
    if (!id) return [];
    const attempt = now.jobs[id]!.attempt + offset;
    const calls = callsOf(now, id, attempt, code);
    return [
      defineCall({
        name: 'fail_job',
        text: `${nameJob(now, id)} attempt ${attempt}`,
        locks: [id],
        send: (door) =>
          door.call(`select fail_job($1, $2, 'content_blocked', 'SAFETY', $3)`, [
            id,
            attempt,
            JSON.stringify(calls),
          ]),
        outcome(model) {
          const row = model.jobs[id];
          if (row?.run && row.status === 'failed' && row.attempt === attempt) return { model, answer: true };
          if (!isClaimed(row, attempt)) return { model, answer: false };
          return {
            model: endJob(model, id, { status: 'failed', code: 'content_blocked', cause: 'SAFETY', calls }),
            answer: true,
          };
        },
      }),
    ];
  },
});
