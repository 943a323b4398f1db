import * as fc from 'fast-check';
import { defineCall, defineCommand } from '../command.ts';
import { isClaimed } from '../model.ts';
import { attemptOffset, findJob, jobThatIs, nameJob } from '../pick.ts';
import { writeJob } from '../transitions.ts';

/** A worker shows how far it is; also one that has lost its claim. */
export const report = defineCommand({
  weight: 7,
  choice: fc.record({
    job: jobThatIs('held'),
    offset: attemptOffset,
    stage: fc.constantFrom('starting', 'generating', 'storing'),
    progress: fc.constantFrom(0, 10, 35, 60, 99, 120),
  }),
  steps({ job, offset, stage, progress }, { model: now }) {
    const id = findJob(now, job);
    if (!id) return [];
    const attempt = now.jobs[id]!.attempt + offset;
    return [
      defineCall({
        name: 'report_progress',
        text: `${nameJob(now, id)} attempt ${attempt}: ${stage} ${progress}`,
        locks: [id],
        send: (door) => door.call('select report_progress($1, $2, $3, $4)', [id, attempt, stage, progress]),
        outcome(model) {
          const row = model.jobs[id];
          if (!isClaimed(row, attempt)) return { model, answer: false };
          const columns = { stage, progress: Math.max(row.progress, Math.min(progress, 99)) };
          const changes = row.stage !== columns.stage || row.progress !== columns.progress;
          return { model: changes ? writeJob(model, id, columns) : model, answer: true };
        },
      }),
    ];
  },
});
