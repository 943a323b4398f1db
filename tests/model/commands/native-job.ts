import * as fc from 'fast-check';
import { defineCall, defineCommand, refuse } from '../command.ts';
import type { Job } from '../model.ts';
import { anyUser, findJob, jobThatIs, nameJob, otherThan, rarely } from '../pick.ts';

/** The native app makes a job row of its own, or one in another's name. */
export const insertNativeJob = defineCommand({
  weight: 2,
  choice: fc.record({ user: anyUser, foreign: rarely }),
  steps({ user, foreign }, { model: { now } }) {
    const by = foreign ? otherThan(user) : user;
    return [
      defineCall({
        name: 'insert_native_job',
        text: `of ${user} as ${by}`,
        send: (door) =>
          door.asUser(
            by,
            `insert into image_generation_jobs (user_id, status, progress, updated_at)
             values ('${user}', 'processing', 5, to_timestamp(${now / 1_000})) returning id`,
          ),
        outcome(model, { answer }) {
          if (by !== user) return refuse(model, '42501');
          if (!model.users[user]) return refuse(model, '23503');
          const id = (answer as any)[0]?.id ?? 'a new job';
          const job = { ...nativeJob, user_id: user, updated_at: now };
          return { model: { ...model, jobs: { ...model.jobs, [id]: job } }, answer: [{ id }] };
        },
        labels: (answer) => [answer.refused ?? 'inserted'],
      }),
    ];
  },
});

/** The native app writes to a job row: its own, a managed one, another's. */
export const updateNativeJob = defineCommand({
  weight: 5,
  choice: fc.record({
    job: fc.oneof(jobThatIs('native'), jobThatIs('any')),
    foreign: rarely,
    progress: fc.constantFrom(5, 100),
  }),
  steps({ job, foreign, progress }, { model: before }) {
    const id = findJob(before, job);
    if (!id) return [];
    const owner = before.jobs[id]!.user_id;
    const by = foreign ? otherThan(owner) : owner;
    const columns = { status: 'completed', progress, updated_at: before.now };
    return [
      defineCall({
        name: 'update_native_job',
        text: `${nameJob(before, id)}: progress ${progress} as ${by}`,
        send: (door) =>
          door.asUser(
            by,
            `update image_generation_jobs set status = 'completed', progress = ${progress},
               updated_at = to_timestamp(${before.now / 1_000}) where id = '${id}' returning progress`,
          ),
        outcome(model) {
          const row = model.jobs[id]!;
          if (row.run !== null || row.user_id !== by) return { model, answer: [] };
          const changes = Object.entries(columns).some(([name, value]) => row[name as keyof Job] !== value);
          const written = changes ? { ...row, ...columns, version: row.version + 1 } : row;
          return { model: { ...model, jobs: { ...model.jobs, [id]: written } }, answer: [{ progress }] };
        },
        labels: (answer) => [answer.refused ?? (answer.length > 0 ? 'written' : 'not seen')],
      }),
    ];
  },
});

const nativeJob: Omit<Job, 'user_id' | 'updated_at'> = {
  status: 'processing',
  stage: null,
  progress: 5,
  attempt: 0,
  version: 1,
  error_code: null,
  model: null,
  receipt: null,
  started_at: null,
  completed_at: null,
  deadline_at: null,
  images: [],
  run: null,
};
