import { unpaidCodes } from '@darkroom/core/job/failure';
import {
  type CallEntry,
  type Job,
  type Model,
  type Movement,
  type Run,
  runsWhere,
  sortLedger,
} from './model.ts';

/** The row with these columns written. A change of a managed one is a version of its own. */
export function writeJob(model: Model, id: string, columns: Partial<Job>): Model {
  const job = model.jobs[id]!;
  const written = { ...job, ...columns, version: job.version + 1, updated_at: model.now };
  return { ...model, jobs: { ...model.jobs, [id]: written } };
}

/** Changes only the run, which clients do not see: the job's version stays. */
export function writeRun(model: Model, id: string, columns: Partial<Run>): Model {
  const job = model.jobs[id]!;
  return { ...model, jobs: { ...model.jobs, [id]: { ...job, run: { ...job.run!, ...columns } } } };
}

/** A movement and the balance it makes. */
export function book(model: Model, userId: string, movement: Omit<Movement, 'balance_after'>): Model {
  const user = model.users[userId]!;
  const credits = user.credits + movement.amount;
  const ledger = sortLedger([...user.ledger, { ...movement, balance_after: credits }]);
  return { ...model, users: { ...model.users, [userId]: { credits, ledger } } };
}

/** Failed or canceled, and refunded in the same step. */
export function endJob(
  model: Model,
  id: string,
  ending: { status: 'failed' | 'canceled'; code: string; cause: string; calls?: readonly CallEntry[] },
): Model {
  const { run, user_id } = model.jobs[id]!;
  const price = run!.price;
  const ended = writeJob(
    writeRun(model, id, {
      active: false,
      worker_id: null,
      delivered_at: null,
      cause: ending.cause,
      attempts_log: mergeCalls(run!.attempts_log, ending.calls ?? []),
    }),
    id,
    {
      status: ending.status,
      stage: 'done',
      error_code: ending.code,
      receipt: { charged: price, refunded: price, net: 0 },
      completed_at: model.now,
    },
  );
  return price === 0
    ? ended
    : book(ended, user_id, {
        kind: 'job_refund',
        amount: price,
        job_id: id,
        reference: `job:${id}:refund`,
      });
}

/** Pending again, due in `delayMs`, under a delivery of its own. Calls that nobody pays for are given back. */
export function putBack(
  model: Model,
  id: string,
  { delayMs, calls }: { delayMs: number; calls: readonly CallEntry[] },
): { model: Model; answer: object } {
  const run = model.jobs[id]!.run!;
  const delivery = run.delivery + 1;
  const back = writeRun(model, id, {
    worker_id: null,
    run_at: model.now + delayMs,
    model_calls: Math.max(0, run.model_calls - calls.filter(isUnpaid).length),
    delivery,
    delivered_at: null,
    offered_at: null,
    attempts_log: mergeCalls(run.attempts_log, calls),
  });
  return {
    model: writeJob(back, id, { status: 'pending', stage: 'queued' }),
    answer: {
      kind: 'retried',
      delivery,
      priority: deliveryPriority(run, model.now + delayMs),
      delay_ms: delayMs,
    },
  };
}

/** Of a delivery that is due at `dueAt`: 10 less than the job's for each minute since it was created. */
export const deliveryPriority = ({ priority, created_at }: Run, dueAt: number): number =>
  Math.max(1, priority - Math.round((dueAt - created_at) / 6_000));

/** Due again, in nobody's hands. The row that users see stays as it was. */
export const free = (model: Model, id: string, columns: Partial<Run> = {}): Model =>
  writeRun(model, id, {
    worker_id: null,
    delivered_at: null,
    offered_at: null,
    run_at: Math.min(model.jobs[id]!.run!.run_at, model.now),
    ...columns,
  });

/** Taken from a worker whose lease is over: a loss only if another one kept its lease all the while. */
export function loseWorker(model: Model, id: string): Model {
  const run = model.jobs[id]!.run!;
  const lost = model.workers[run.worker_id!];
  const witnessed = Object.entries(model.workers).some(
    ([other, { lease_expires_at, unbroken_since }]) =>
      lost !== undefined &&
      other !== run.worker_id &&
      lease_expires_at > model.now &&
      unbroken_since < lost.lease_expires_at,
  );
  const counts = lost?.ended_at == null && witnessed;
  return free(model, id, { losses: run.losses + (counts ? 1 : 0) });
}

/** Jobs that this worker holds. */
export const heldBy = (model: Model, workerId: string): string[] =>
  runsWhere(model, (run) => run.active && run.worker_id === workerId);

/** The log with what has become known of some calls. */
export function mergeCalls(log: readonly CallEntry[], calls: readonly CallEntry[]): CallEntry[] {
  const known = new Map([...log, ...calls].map((entry) => [entry.call, entry]));
  return [...known.values()].sort((a, b) => a.call - b.call);
}

const unpaid = new Set<string | null>(unpaidCodes);
const isUnpaid = ({ code }: CallEntry) => unpaid.has(code);
