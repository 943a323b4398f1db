import * as fc from 'fast-check';
import { type Call, defineCall, defineCommand, type Outcome } from '../command.ts';
import { type Model, seconds } from '../model.ts';
import { anyWorker, nameJob, names } from '../pick.ts';
import { free, heldBy } from '../transitions.ts';

const LEASE_MS = seconds(30);

interface JobRef {
  job_id: string;
  attempt: number;
}

/** A worker renews its lease and names all that it runs, some of it, nothing, or what it has lost long ago. */
export const heartbeat = defineCommand({
  weight: 14,
  choice: fc.record({
    worker: anyWorker,
    named: fc.constantFrom('all', 'all', 'all', 'some', 'none', 'stale'),
  }),
  steps({ worker, named }, { model }) {
    const own = refsOf(model, worker);
    const jobs = {
      all: own,
      some: own.slice(0, 1),
      none: [],
      stale: Object.entries(model.jobs).map(([job_id, { attempt }], n) => ({
        job_id,
        attempt: attempt - (n % 2),
      })),
    }[named]!;
    return [renewLease(model, worker, jobs)];
  },
});

/** What this worker would name if it knew all that it holds. */
export const refsOf = (model: Model, worker: string): JobRef[] =>
  heldBy(model, worker).map((job_id) => ({ job_id, attempt: model.jobs[job_id]!.attempt }));

export const renewLease = (now: Model, worker: string, jobs: readonly JobRef[]): Call =>
  defineCall({
    name: 'heartbeat',
    text: `of ${names[worker]}: ${jobs.map((ref) => `${nameJob(now, ref.job_id)} attempt ${ref.attempt}`).join(', ') || 'no jobs'}`,
    locks: [worker, ...heldBy(now, worker)],
    async send(door) {
      const answer: any = await door.call('select heartbeat($1, $2)', [worker, JSON.stringify(jobs)]);
      return { ...answer, lost: sortRefs(answer.lost) };
    },
    outcome: (model) => decide(model, worker, jobs),
    labels: ({ lost }) => [lost.length > 0 ? 'some lost' : 'none lost'],
  });

function decide(model: Model, id: string, jobs: readonly JobRef[]): Outcome {
  const known = model.workers[id];
  const unbroken_since = known && known.lease_expires_at >= model.now ? known.unbroken_since : model.now;
  let after: Model = {
    ...model,
    workers: {
      ...model.workers,
      [id]: { lease_expires_at: model.now + LEASE_MS, unbroken_since, ended_at: null },
    },
  };
  const isNamed = (job_id: string, attempt: number) =>
    jobs.some((ref) => ref.job_id === job_id && ref.attempt === attempt);
  for (const job of heldBy(after, id)) {
    const { claimed_at, attempt } = after.jobs[job]!.run!;
    const isForgotten = claimed_at! < unbroken_since || claimed_at! < model.now - seconds(10);
    if (isForgotten && !isNamed(job, attempt)) after = free(after, job);
  }
  const lost = jobs.filter(({ job_id, attempt }) => {
    const run = after.jobs[job_id]?.run;
    return !(run?.active && run.worker_id === id && run.attempt === attempt);
  });
  return { model: after, answer: { lease_ms: LEASE_MS, lost: sortRefs(lost) } };
}

const sortRefs = (refs: readonly JobRef[]): JobRef[] =>
  refs
    .map(({ job_id, attempt }) => ({ job_id, attempt }))
    .sort((a, b) => (a.job_id < b.job_id ? -1 : a.job_id > b.job_id ? 1 : a.attempt - b.attempt));
