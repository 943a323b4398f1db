import * as fc from 'fast-check';
import { callsOf, callsSaid } from '../calls.ts';
import { defineCall, defineCommand } from '../command.ts';
import { isClaimed } from '../model.ts';
import { attemptOffset, findJob, jobThatIs, nameJob } from '../pick.ts';
import { book, mergeCalls, writeJob, writeRun } from '../transitions.ts';

/** The image is there, made by a cheaper model, the one asked for, or a dearer one. */
export const complete = defineCommand({
  weight: 7,
  choice: fc.record({
    job: jobThatIs('held'),
    offset: attemptOffset,
    served: fc.constantFrom(0, 1, 3, 9),
    calls: callsSaid,
  }),
  steps({ job, offset, served, calls: code }, { model: now }) {
    const id = findJob(now, job);
    if (!id) return [];
    const attempt = now.jobs[id]!.attempt + offset;
    const calls = callsOf(now, id, attempt, code);
    const image = { image_url: `https://cdn.test/${id}/${attempt}.png`, model: `model of ${served}` };
    return [
      defineCall({
        name: 'complete_job',
        text: `${nameJob(now, id)} attempt ${attempt}, served for ${served}`,
        locks: [id],
        send: (door) =>
          door.call('select complete_job($1, $2, $3, $4, $5)', [
            id,
            attempt,
            JSON.stringify(image),
            served,
            JSON.stringify(calls),
          ]),
        outcome(model) {
          const row = model.jobs[id];
          if (row?.run && row.status === 'completed' && row.attempt === attempt)
            return { model, answer: true };
          if (!isClaimed(row, attempt)) return { model, answer: false };
          const charged = row.run.price;
          const refunded = Math.max(charged - served, 0);
          const done = writeJob(
            writeRun(model, id, {
              active: false,
              worker_id: null,
              delivered_at: null,
              attempts_log: mergeCalls(row.run.attempts_log, calls),
            }),
            id,
            {
              status: 'completed',
              stage: 'done',
              progress: 100,
              model: image.model,
              error_code: null,
              completed_at: model.now,
              receipt: { charged, refunded, net: charged - refunded },
              images: [image.model],
            },
          );
          const difference = {
            kind: 'price_difference',
            amount: refunded,
            job_id: id,
            reference: `job:${id}:difference`,
          };
          return { model: refunded > 0 ? book(done, row.user_id, difference) : done, answer: true };
        },
      }),
    ];
  },
});
