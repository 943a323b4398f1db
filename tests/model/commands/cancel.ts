import * as fc from 'fast-check';
import { defineCall, defineCommand, refuse } from '../command.ts';
import { isUnfinished } from '../model.ts';
import { findJob, jobThatIs, nameJob, otherThan } from '../pick.ts';
import { showJob } from '../submit.ts';
import { endJob } from '../transitions.ts';

/** A job is canceled by its owner, by the operator, or by somebody who may not. */
export const cancel = defineCommand({
  weight: 6,
  choice: fc.record({
    job: fc.oneof(jobThatIs('held'), jobThatIs('any')),
    by: fc.constantFrom('owner', 'owner', 'owner', 'operator', 'another'),
  }),
  steps({ job, by }, { model: now }) {
    const id = findJob(now, job);
    if (!id) return [];
    const owner = now.jobs[id]!.user_id;
    const user = { owner, operator: null, another: otherThan(owner) }[by]!;
    return [
      defineCall({
        name: 'cancel_job',
        text: `${nameJob(now, id)} by ${user ?? 'the operator'}`,
        locks: [id],
        async send(door) {
          const answer: any = await door.call('select cancel_job($1, $2)', [id, user]);
          return answer.refused
            ? { refused: answer.refused, status: answer.status }
            : showJob(answer.id, answer);
        },
        outcome(model) {
          const row = model.jobs[id];
          if (!row?.run || row.user_id !== (user ?? row.user_id))
            return refuse(model, 'DR404', { status: undefined });
          if (!isUnfinished(row)) return refuse(model, 'DR409', { status: row.status });
          const cause = `canceled by ${user ?? 'operator'}`;
          const after = endJob(model, id, { status: 'canceled', code: 'canceled', cause });
          return { model: after, answer: showJob(id, after.jobs[id]!) };
        },
        labels: (answer) => [answer.refused ?? 'canceled'],
      }),
    ];
  },
});
