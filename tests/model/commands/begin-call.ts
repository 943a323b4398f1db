import * as fc from 'fast-check';
import { defineCall, defineCommand } from '../command.ts';
import { isClaimed } from '../model.ts';
import { attemptOffset, findJob, jobThatIs, nameJob } from '../pick.ts';
import { writeRun } from '../transitions.ts';

/** A call of a model is counted before it is sent; perhaps the next ones too. */
export const beginCall = defineCommand({
  weight: 10,
  choice: fc.record({
    job: jobThatIs('held'),
    offset: attemptOffset,
    maxCalls: fc.constantFrom(1, 2, 8),
    times: fc.constantFrom(1, 1, 3),
  }),
  steps({ job, offset, maxCalls, times }, { model: now }) {
    const id = findJob(now, job);
    if (!id) return [];
    const attempt = now.jobs[id]!.attempt + offset;
    const call = defineCall({
      name: 'begin_model_call',
      text: `${nameJob(now, id)} attempt ${attempt}, at most ${maxCalls}`,
      locks: [id],
      send: (door) => door.call(`select begin_model_call($1, $2, 'primary', $3)`, [id, attempt, maxCalls]),
      outcome(model) {
        const row = model.jobs[id];
        if (!isClaimed(row, attempt)) return { model, answer: null };
        const { model_calls, attempts_log } = row.run;
        if (model_calls >= maxCalls) return { model, answer: 0 };
        const call = attempts_log.length + 1;
        const entry = { call, attempt, model: 'primary', code: null, ms: null };
        return {
          model: writeRun(model, id, {
            model_calls: model_calls + 1,
            attempts_log: [...attempts_log, entry],
          }),
          answer: call,
        };
      },
      labels: (answer) => [answer === null ? 'lost' : answer === 0 ? 'budget spent' : 'counted'],
    });
    return Array(times).fill(call);
  },
});
