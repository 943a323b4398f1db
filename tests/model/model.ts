/**
 * What Postgres should hold, as plain values: the rules of migrations/ told a second time, without SQL.
 * Names of fields are those of the columns; times are milliseconds; nothing here is ever changed in place.
 */
export interface Model {
  /** The one clock, at which every connection stands still until a test moves it. */
  now: number;
  users: Record<string, User>;
  /** Managed jobs with their run, and rows of the native app without one. */
  jobs: Record<string, Job>;
  workers: Record<string, Worker>;
  /** By user and key. */
  keys: Record<string, Key>;
  /** The mark last seen in the queue. */
  epoch: string | null;
}

export interface User {
  credits: number;
  /** In a fixed order that is not that of time: two movements of one moment have none. */
  ledger: Movement[];
}

export interface Movement {
  kind: string;
  amount: number;
  balance_after: number;
  job_id: string | null;
  /** `direct` for every change that was written into users. */
  reference: string;
}

export interface Job {
  user_id: string;
  status: string;
  stage: string | null;
  progress: number;
  attempt: number;
  version: number;
  error_code: string | null;
  model: string | null;
  receipt: Receipt | null;
  started_at: number | null;
  updated_at: number;
  completed_at: number | null;
  deadline_at: number | null;
  /** The models named by its rows in the gallery: one when it is completed, else none. */
  images: string[];
  run: Run | null;
}

export interface Receipt {
  charged: number;
  refunded: number;
  net: number;
}

export interface Run {
  active: boolean;
  price: number;
  attempt: number;
  worker_id: string | null;
  claimed_at: number | null;
  run_at: number;
  delivery: number;
  priority: number;
  delivered_at: number | null;
  offered_at: number | null;
  losses: number;
  counted_retries: number;
  past_failures: string[];
  model_calls: number;
  attempts_log: CallEntry[];
  cause: string | null;
  created_at: number;
}

export interface CallEntry {
  call: number;
  attempt: number;
  model: string;
  code: string | null;
  ms: number | null;
}

export interface Worker {
  lease_expires_at: number;
  unbroken_since: number;
  ended_at: number | null;
}

export interface Key {
  request_hash: string;
  job_id: string;
  created_at: number;
}

export const seconds = (count: number) => count * 1_000;
export const hours = (count: number) => count * 3_600_000;

/** An empty database at the moment at which every sequence begins. */
export const emptyModel: Model = {
  now: Date.parse('2030-01-01T00:00:00Z'),
  users: {},
  jobs: {},
  workers: {},
  keys: {},
  epoch: null,
};

export const isUnfinished = (job: Job) => job.status === 'pending' || job.status === 'processing';

/** Its claim is still the latest and nobody has ended it: the only state in which a worker may write. */
export const isClaimed = (job: Job | undefined, attempt: number): job is Job & { run: Run } =>
  job?.run != null && job.status === 'processing' && job.attempt === attempt;

/** Whether this worker's lease still runs; of a worker that is not known it does not. */
export const isAlive = (model: Model, workerId: string) =>
  (model.workers[workerId]?.lease_expires_at ?? 0) > model.now;

/** The managed jobs whose runs fulfil a condition, in the order of their ids, which is the database's own. */
export const runsWhere = (model: Model, accept: (run: Run, job: Job, id: string) => boolean): string[] =>
  Object.keys(model.jobs)
    .filter((id) => {
      const job = model.jobs[id]!;
      return job.run !== null && accept(job.run, job, id);
    })
    .sort();

export const sortLedger = (ledger: readonly Movement[]): Movement[] =>
  ledger
    .map((movement) => ({ movement, text: JSON.stringify(Object.entries(movement).sort()) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ movement }) => movement);
