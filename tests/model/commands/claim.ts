import * as fc from 'fast-check';
import { type Call, defineCall, defineCommand, type Outcome, refuse } from '../command.ts';
import { isAlive, isUnfinished, type Model } from '../model.ts';
import { anyWorker, findJob, jobThatIs, nameJob, names, rarely, workers } from '../pick.ts';
import { showJob } from '../submit.ts';
import { endJob, heldBy, loseWorker, writeJob, writeRun } from '../transitions.ts';

/** A delivery comes to a worker: mostly one that holds a lease. */
export const claim = defineCommand({
  weight: 16,
  choice: fc.record({ job: jobThatIs('free'), worker: anyWorker, whoever: rarely }),
  steps({ job, worker, whoever }, { model }) {
    const id = findJob(model, job);
    const alive = workers.filter((each) => isAlive(model, each));
    const chosen = whoever || alive.length === 0 ? worker : alive[workers.indexOf(worker) % alive.length]!;
    return id ? [claimJob(model, id, chosen)] : [];
  },
});

/** An old delivery comes once more: its job is held or has ended. */
export const redeliver = defineCommand({
  weight: 5,
  choice: fc.record({
    job: fc.oneof(jobThatIs('held'), jobThatIs('ended')),
    worker: anyWorker,
    whoever: rarely,
  }),
  steps: claim.steps,
});

export const claimJob = (now: Model, id: string, worker: string): Call =>
  defineCall({
    name: 'claim_job',
    text: `${nameJob(now, id)} by ${names[worker]}`,
    locks: [id, worker],
    async send(door) {
      const answer: any = await door.call('select claim_job($1, $2)', [id, worker]);
      return answer.job ? { ...answer, job: showJob(answer.job.id, answer.job) } : answer;
    },
    outcome: (model) => decide(model, id, worker),
  });

function decide(model: Model, id: string, worker: string): Outcome {
  const job = model.jobs[id];
  const drop = (after: Model): Outcome => ({ model: after, answer: { kind: 'drop' } });
  if (!isAlive(model, worker)) return refuse(model, 'DR403');
  if (!job?.run || !isUnfinished(job)) return drop(model);
  if (job.deadline_at! <= model.now) {
    const cause = 'claimed after the deadline';
    return drop(endJob(model, id, { status: 'failed', code: 'deadline_exceeded', cause }));
  }
  if (job.run.worker_id === null) return take(model, id, worker);
  if (isAlive(model, job.run.worker_id)) return drop(model);

  const freed = loseWorker(model, id);
  if (freed.jobs[id]!.run!.losses < 3) return take(freed, id, worker);
  const cause = 'lost its worker 3 times';
  return drop(endJob(freed, id, { status: 'failed', code: 'worker_crashed', cause }));
}

function take(model: Model, id: string, worker: string): Outcome {
  const job = model.jobs[id]!;
  const run = job.run!;
  const later = (delay_ms: number): Outcome => ({ model, answer: { kind: 'later', delay_ms } });
  if (run.run_at > model.now) return later(run.run_at - model.now);
  const isSuspect = (suspect: string) => model.jobs[suspect]!.run!.losses > 1;
  if (isSuspect(id) && heldBy(model, worker).some(isSuspect)) return later(2_000);

  const attempt = job.attempt + 1;
  const claimed = writeJob(
    writeRun(model, id, {
      attempt,
      worker_id: worker,
      claimed_at: model.now,
      delivered_at: null,
      offered_at: null,
    }),
    id,
    {
      status: 'processing',
      stage: 'starting',
      attempt,
      progress: Math.max(job.progress, 1),
      started_at: job.started_at ?? model.now,
    },
  );
  return {
    model: claimed,
    answer: {
      kind: 'claimed',
      job: showJob(id, claimed.jobs[id]!),
      attempt,
      fallback: true,
      price: run.price,
      counted_retries: run.counted_retries,
      past_failures: run.past_failures,
      model_calls: run.model_calls,
      deadline_in_ms: job.deadline_at! - model.now,
    },
  };
}
