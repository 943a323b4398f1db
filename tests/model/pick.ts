import * as fc from 'fast-check';
import { isUnfinished, type Job, type Model } from './model.ts';

export const users = ['ada', 'boris'];
export const workers = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
export const names: Record<string, string> = Object.fromEntries(
  workers.map((id, n) => [id, `worker ${n + 1}`]),
);

export const otherThan = (user: string) => users.find((other) => other !== user)!;
export const anyUser = fc.constantFrom(...users);
export const anyWorker = fc.constantFrom(...workers);

const kinds = {
  any: () => true,
  held: (job) => job.run?.worker_id != null,
  free: (job) => isUnfinished(job) && job.run?.worker_id === null,
  suspect: (job) => isUnfinished(job) && job.run !== null && job.run.worker_id === null && job.run.losses > 0,
  ended: (job) => job.run?.active === false,
  native: (job) => job.run === null,
} satisfies Record<string, (job: Job) => boolean>;

export interface JobPick {
  kind: keyof typeof kinds;
  nth: number;
}

/** A job, mostly of this kind, else any. */
export const jobThatIs = (kind: keyof typeof kinds): fc.Arbitrary<JobPick> =>
  fc.record({
    kind: fc.oneof(
      { weight: 5, arbitrary: fc.constant(kind) },
      { weight: 1, arbitrary: fc.constant('any' as const) },
    ),
    nth: fc.nat({ max: 7 }),
  });

/** The id of the picked job; undefined while there is none of its kind. */
export function findJob(model: Model, { kind, nth }: JobPick): string | undefined {
  const ids = Object.keys(model.jobs).filter((id) => kinds[kind](model.jobs[id]!));
  return ids[nth % ids.length];
}

/** The attempt a caller believes in: mostly the row's own, else an older one or one that is yet to come. */
export const attemptOffset = fc.oneof(
  { weight: 7, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.constant(-1) },
  { weight: 1, arbitrary: fc.constant(1) },
);

/** `ada's job 3`: jobs by the order in which they were made. */
export const nameJob = (model: Model, id: string): string =>
  `job ${Object.keys(model.jobs).indexOf(id) + 1} (${model.jobs[id]?.user_id ?? 'unknown'}'s)`;

export const rarely = fc.constantFrom(false, false, false, false, true);
