import { isDeepStrictEqual } from 'node:util';
import type { Job, Model, User } from './model.ts';

const TERMINAL = ['completed', 'failed', 'canceled'];

/** What must hold between two moments whatever was called: one line for each breach. The model has no part in it. */
export function findBreaches(before: Model, after: Model): string[] {
  return [
    ...Object.entries(after.users).flatMap(([id, user]) =>
      breachesOfUser(before.users[id], user).map((breach) => `${id}: ${breach}`),
    ),
    ...Object.entries(after.jobs).flatMap(([id, job]) =>
      breachesOfJob(before.jobs[id], job).map((breach) => `job ${id}: ${breach}`),
    ),
    ...missing(before.users, after.users, 'user'),
    ...missing(before.jobs, after.jobs, 'job'),
  ];
}

function breachesOfUser(before: User | undefined, { credits, ledger }: User): string[] {
  const sum = ledger.reduce((total, { amount }) => total + amount, 0);
  const once = ledger.filter(({ reference }) => reference !== 'direct').map(({ reference }) => reference);
  const perJob = ledger
    .filter(({ job_id }) => job_id !== null)
    .map(({ job_id, kind }) => `${kind} ${job_id}`);
  const kept = before?.ledger.filter((old) => ledger.some((movement) => isDeepStrictEqual(movement, old)));
  return [
    credits !== sum && `has ${credits} credits, the ledger says ${sum}`,
    credits < 0 && `has ${credits} credits`,
    new Set(once).size < once.length && 'the same cause is booked twice',
    new Set(perJob).size < perJob.length && 'a job has two movements of one kind',
    before && kept!.length < before.ledger.length && 'a movement is gone or was changed',
  ].filter((breach) => typeof breach === 'string');
}

function breachesOfJob(before: Job | undefined, job: Job): string[] {
  const isOver = TERMINAL.includes(job.status) && job.run !== null;
  const wasOver = before?.run != null && TERMINAL.includes(before.status);
  const withoutRun = (row: Job) => ({ ...row, run: null });
  const changed = before !== undefined && !isDeepStrictEqual(withoutRun(before), withoutRun(job));
  return [
    wasOver && !isDeepStrictEqual(before, job) && 'it had ended and was changed',
    changed && job.version <= before.version && `changed while its version stayed ${job.version}`,
    before && !changed && job.version !== before.version && 'its version grew for nothing',
    before && job.attempt < before.attempt && 'its attempt fell',
    before?.run && job.progress < before.progress && 'its progress fell',
    job.run &&
      job.run.active === isOver &&
      `is ${job.status}, its run is ${job.run.active ? 'active' : 'over'}`,
    job.run && !job.run.active && job.run.worker_id !== null && 'has ended and is still held',
    job.run && job.run.attempt !== job.attempt && 'the attempts of row and run differ',
    job.run &&
      job.images.length !== (job.status === 'completed' ? 1 : 0) &&
      `is ${job.status}, with ${job.images.length} images`,
  ].filter((breach) => typeof breach === 'string');
}

const missing = (before: object, after: object, name: string): string[] =>
  Object.keys(before)
    .filter((id) => !(id in after))
    .map((id) => `${name} ${id} is gone`);
