import { type Call, defineCall, type Outcome, refuse } from './command.ts';
import { hours, isUnfinished, type Job, type Model, runsWhere } from './model.ts';
import { book, deliveryPriority } from './transitions.ts';

export const WELCOME_CREDITS = 12;
const MAX_ACTIVE = 3;

export interface Submission {
  user: string;
  key: string;
  hash: string;
  price: number;
  deadlineMs: number;
}

/** One submission: also the first sight of its user. */
export const submit = (submission: Submission): Call =>
  defineCall({
    name: 'create_job',
    text: `${submission.key}/${submission.hash} of ${submission.user} for ${submission.price}, ${submission.deadlineMs / 1_000} s`,
    locks: [`${submission.user} ${submission.key}`],
    async send(door) {
      const answer: any = await door.call('select create_job($1, $2, $3, $4, $5, null, $6, $7, $8)', [
        submission.user,
        '{"prompt": "a cat", "model_requested": "primary"}',
        submission.price,
        submission.key,
        submission.hash,
        WELCOME_CREDITS,
        MAX_ACTIVE,
        submission.deadlineMs,
      ]);
      return answer.refused ? answer : { ...answer, job: showJob(answer.job.id, answer.job) };
    },
    outcome: (model, { answer }) => decide(model, submission, (answer as any)?.job?.id ?? 'a new job'),
    labels: (answer) => [answer.refused ?? (answer.replayed ? 'replayed' : 'created')],
  });

/** The job of a key, if the key was used within 48 hours; null otherwise. */
export function replay(
  model: Model,
  { user, key, hash }: Pick<Submission, 'user' | 'key' | 'hash'>,
): Outcome | null {
  const known = model.keys[`${user} ${key}`];
  if (!known || known.created_at <= model.now - hours(48)) return null;
  if (known.request_hash !== hash) return refuse(model, 'DR422', { job_id: known.job_id });
  const job = model.jobs[known.job_id]!;
  return {
    model,
    answer: {
      job: showJob(known.job_id, job),
      balance: model.users[user]!.credits,
      charged: job.receipt!.charged,
      replayed: true,
    },
  };
}

/** What an answer shows of a job; all the rest is compared in the tables. */
export const showJob = (id: string, { status, stage, progress, attempt, version, receipt }: Job): object => ({
  id,
  status,
  stage,
  progress,
  attempt,
  version,
  receipt,
});

function decide(model: Model, submission: Submission, id: string): Outcome {
  const { user, price } = submission;
  const met = meet(model, user);
  const earlier = replay(met, submission);
  if (earlier) {
    const answer: any = earlier.answer;
    if (answer.refused) return { ...earlier, model };
    const run = met.jobs[answer.job.id]!.run!;
    const priority = deliveryPriority(run, model.now);
    return { model: met, answer: { ...answer, delivery: run.delivery, priority } };
  }
  const active = runsWhere(met, (_, job) => job.user_id === user && isUnfinished(job)).length;
  if (active >= MAX_ACTIVE) return refuse(model, 'DR429', { active, limit: MAX_ACTIVE });
  const { credits } = met.users[user]!;
  if (price > 0 && credits < price) return refuse(model, 'DR402', { balance: credits, price });
  // An id of an earlier job cannot be a new one's: the answer given was no creation.
  if (met.jobs[id]) return refuse(model, 'a new id was needed');

  const job = newJob(met.now, submission, 1001 + active * 100);
  const made: Model = {
    ...met,
    jobs: { ...met.jobs, [id]: job },
    keys: {
      ...met.keys,
      [`${user} ${submission.key}`]: { request_hash: submission.hash, job_id: id, created_at: met.now },
    },
  };
  const debit = { kind: 'job_debit', amount: -price, job_id: id, reference: `job:${id}:debit` };
  return {
    model: price === 0 ? made : book(made, user, debit),
    answer: {
      job: showJob(id, job),
      balance: credits - price,
      charged: price,
      replayed: false,
      delivery: 1,
      priority: job.run!.priority,
    },
  };
}

function meet(model: Model, user: string): Model {
  if (model.users[user]) return model;
  return book({ ...model, users: { ...model.users, [user]: { credits: 0, ledger: [] } } }, user, {
    kind: 'signup',
    amount: WELCOME_CREDITS,
    job_id: null,
    reference: `signup:${user}`,
  });
}

const newJob = (now: number, { user, price, deadlineMs }: Submission, priority: number): Job => ({
  user_id: user,
  status: 'pending',
  stage: 'queued',
  progress: 0,
  attempt: 0,
  version: 1,
  error_code: null,
  model: null,
  receipt: { charged: price, refunded: 0, net: price },
  started_at: null,
  updated_at: now,
  completed_at: null,
  deadline_at: now + deadlineMs,
  images: [],
  run: {
    active: true,
    price,
    attempt: 0,
    worker_id: null,
    claimed_at: null,
    run_at: now,
    delivery: 1,
    priority,
    delivered_at: null,
    offered_at: null,
    losses: 0,
    counted_retries: 0,
    past_failures: [],
    model_calls: 0,
    attempts_log: [],
    cause: null,
    created_at: now,
  },
});
