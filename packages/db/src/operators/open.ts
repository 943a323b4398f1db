import { type Job, jobFields } from '@darkroom/core/job/job';
import { createServerClient } from '../call/client.ts';
import { createAsk } from '../call/data-api.ts';
import type { LedgerEntry, StripeEvent, TakenEvent, User, WebhookDelivery } from '../records.ts';
import type {
  FailedDelivery,
  JobFile,
  JobFilter,
  JobRun,
  JobTimes,
  OperatedJob,
  PlannedStep,
  Requeued,
  SettledJob,
  UnresolvedEvent,
  UserFile,
} from './records.ts';

export type * from './records.ts';

/**
 * What operators read and do, across all users. Rules of money and status stay where they are, in the functions of
 * the database: nothing here gets round them.
 * @throws DomainError where a rule refuses; DatabaseUnavailable where the database cannot be reached.
 */
export interface OperatorDatabase {
  listJobs(filter: JobFilter): Promise<OperatedJob[]>;
  /** Null: there is no such job of ours. */
  getJob(query: { jobId: string }): Promise<JobFile | null>;
  /** Cancels and refunds whosever job it is. @throws DomainError not_found, job_already_finished */
  cancelJob(job: { jobId: string }): Promise<Job>;
  /** Books the refund that a job which failed or was canceled still owes. @throws DomainError not_found, invalid_argument */
  settleJob(job: { jobId: string }): Promise<SettledJob>;
  /** Makes a waiting job due now under a new delivery. @throws DomainError not_found, job_already_finished */
  requeueJob(job: { jobId: string }): Promise<Requeued>;
  /** By id or e-mail address; null: there is none. */
  findUser(query: { idOrEmail: string; ledger: number }): Promise<UserFile | null>;
  /** What the next sweep would do. Changes nothing. */
  previewSweep(query: { limit: number }): Promise<PlannedStep[]>;
  /** Reported events that want an operator, newest first. */
  listUnresolvedEvents(query: { limit: number }): Promise<UnresolvedEvent[]>;
  /** Webhooks to apps that were given up, newest first. */
  listFailedDeliveries(query: { limit: number }): Promise<FailedDelivery[]>;
  /** Takes an unresolved event of Stripe in again. Null: there is no such event. */
  takeEventAgain(event: { id: string }): Promise<TakenEvent | null>;
  /** Status and times of these jobs, in no order. */
  listTimes(query: { jobIds: readonly string[] }): Promise<JobTimes[]>;
}

/** Opens the operators' door, as the server (secret key). */
export function openOperatorDatabase(options: { supabaseUrl: string; secretKey: string }): OperatorDatabase {
  const client = createServerClient(options.supabaseUrl, options.secretKey);
  const call = createAsk({ timeoutMs: 8_000, repeats: 3 });

  return {
    async listJobs({ status, userId, before, oldestFirst, limit }) {
      const rows = await call<unknown>(() => {
        let query = client.from('image_generation_jobs').select(shown).eq('managed', true);
        if (status) query = query.eq('status', status);
        if (userId) query = query.eq('user_id', userId);
        if (before) query = query.lt('created_at', before);
        return query.order('created_at', { ascending: oldestFirst }).order('id').limit(limit);
      });
      return withRuns(rows as Job[]);
    },

    async getJob({ jobId }) {
      const rows = (await call<unknown>(() =>
        client.from('image_generation_jobs').select(shown).eq('managed', true).eq('id', jobId),
      )) as Job[];
      const [job] = await withRuns(rows);
      if (!job) return null;
      const [ledger, webhooks] = await Promise.all([
        call<unknown>(() => client.from('credit_ledger').select(movement).eq('job_id', jobId).order('id')),
        call<unknown>(() =>
          client.from('webhook_deliveries').select(delivery).eq('job_id', jobId).order('created_at'),
        ),
      ]);
      return { job, ledger: toLedger(ledger), webhooks: webhooks as WebhookDelivery[] } satisfies JobFile;
    },

    cancelJob: ({ jobId }) => call(() => client.rpc('cancel_job', { p_job_id: jobId, p_user_id: null })),

    async settleJob({ jobId }) {
      const settled: SettledJob = await call(() => client.rpc('settle_job', { p_job_id: jobId }));
      return settled;
    },

    async requeueJob({ jobId }) {
      const row: RequeuedRow = await call(() => client.rpc('requeue_job', { p_job_id: jobId }));
      if (row.kind === 'in_hand') return { kind: row.kind, workerId: row.worker_id, leaseMs: row.lease_ms };
      const { delivery: number, priority, delay_ms: delayMs } = row;
      return { kind: 'due', delivery: { jobId, delivery: number, priority, delayMs } };
    },

    async findUser({ idOrEmail, ledger }) {
      const column = idOrEmail.includes('@') ? 'email' : 'id';
      const [user] = (await call<unknown>(() =>
        client.from('users').select('id,email,credits,created_at').eq(column, idOrEmail).limit(1),
      )) as User[];
      if (!user) return null;
      const [deleted, subscriptions, movements, jobs] = await Promise.all([
        call<unknown>(() => client.rpc('is_user_deleted', { p_user_id: user.id })),
        call<unknown>(() =>
          client.from('subscriptions').select('status,price_id,current_period_end').eq('user_id', user.id),
        ),
        call<unknown>(() =>
          client
            .from('credit_ledger')
            .select(movement)
            .eq('user_id', user.id)
            .order('id', { ascending: false })
            .limit(ledger),
        ),
        call<unknown>(() =>
          client
            .from('image_generation_jobs')
            .select(shown)
            .eq('managed', true)
            .eq('user_id', user.id)
            .in('status', ['pending', 'processing'])
            .order('created_at', { ascending: false })
            .limit(100),
        ),
      ]);
      return {
        user,
        deleted: deleted === true,
        subscription: (subscriptions as UserFile['subscription'][])[0] ?? null,
        ledger: toLedger(movements),
        active: await withRuns(jobs as Job[]),
      };
    },

    previewSweep: ({ limit }) => call(() => client.rpc('sweep_preview', { p_limit: limit })),

    async listUnresolvedEvents({ limit }) {
      const rows = await call<unknown>(() =>
        client
          .from('webhook_events')
          .select('source,id,type,outcome,user_id,note,received_at')
          .in('outcome', ['unknown_user', 'unknown_price', 'deleted_user'])
          .order('received_at', { ascending: false })
          .limit(limit),
      );
      return rows as UnresolvedEvent[];
    },

    async listFailedDeliveries({ limit }) {
      const rows = await call<unknown>(() =>
        client
          .from('webhook_deliveries')
          .select(
            'id,job_id,user_id,type,host,status,attempts,next_attempt_at,last_status,last_error,created_at,delivered_at',
          )
          .eq('status', 'failed')
          .order('created_at', { ascending: false })
          .limit(limit),
      );
      return rows as FailedDelivery[];
    },

    async takeEventAgain({ id }) {
      const [row] = (await call<unknown>(() =>
        client.from('webhook_events').select('detail').eq('source', 'stripe').eq('id', id),
      )) as { detail: StripeEvent | null }[];
      if (!row?.detail) return null;
      const taken: TakenEvent = await call(() => client.rpc('take_stripe_event', { p_event: row.detail }));
      return taken;
    },

    async listTimes({ jobIds }) {
      if (jobIds.length === 0) return [];
      const rows = await call<unknown>(() =>
        client
          .from('image_generation_jobs')
          .select('id,status,error_code,created_at,started_at,completed_at')
          .in('id', [...jobIds]),
      );
      return rows as JobTimes[];
    },
  };

  async function withRuns(jobs: Job[]): Promise<OperatedJob[]> {
    const runs = new Map<string, JobRun>();
    for (let from = 0; from < jobs.length; from += idsInAnAddress) {
      const ids = jobs.slice(from, from + idsInAnAddress).map(({ id }) => id);
      const rows = (await call<unknown>(() =>
        client.from('job_runs').select(`job_id,${run}`).in('job_id', ids),
      )) as (JobRun & { job_id: string })[];
      for (const { job_id, ...row } of rows) runs.set(job_id, row);
    }
    return jobs.map((job) => ({ ...job, run: runs.get(job.id) ?? null }));
  }
}

type RequeuedRow =
  | { kind: 'due'; delivery: number; priority: number; delay_ms: number }
  | { kind: 'in_hand'; worker_id: string; lease_ms: number };

/** Ids that fit into the address of one request. */
const idsInAnAddress = 100;

const shown = jobFields.join(',');
const run =
  'active,price,attempt,worker_id,claimed_at,run_at,delivery,delivered_at,priority,losses,counted_retries,past_failures,model_calls,attempts_log,cause';
const movement = 'id,job_id,kind,amount,balance_after,reference,reason,created_at';
const delivery = 'id,type,url,status,attempts,next_attempt_at,last_status,last_error,created_at,delivered_at';

function toLedger(rows: unknown): LedgerEntry[] {
  return (rows as (Omit<LedgerEntry, 'id'> & { id: number })[]).map((row) => ({
    ...row,
    id: String(row.id),
  }));
}
