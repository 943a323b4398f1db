import { isTerminal, type Job } from '@darkroom/core/job/job';
import type { Hints } from '@darkroom/core/queue/hints';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import type { Accepted } from '@darkroom/db/jobs/jobs';
import type { Context } from 'hono';
import type { EmailBackfill } from '../../accounts/email-backfill.ts';
import type { ChangeFeed } from '../../changes/feed.ts';
import { waitForJob } from '../../changes/wait.ts';
import type { Enqueue } from '../../enqueue/enqueue.ts';
import type { ApiEnv } from '../../http/env.ts';
import { preferredWait } from '../../http/prefer.ts';
import type { CancelTimers } from './cancel-timers.ts';
import { jobUrls } from './job-urls.ts';

export interface JobResponderDeps {
  db: Pick<Database, 'ensureUser'>;
  enqueue: Enqueue;
  emailBackfill: Pick<EmailBackfill, 'check'>;
  hints: Pick<Hints, 'publish'>;
  changes: ChangeFeed;
  cancelTimers: Pick<CancelTimers, 'set'>;
  log: Log;
  defaultCredits: number;
}

/** Responds to a request for which the database accepted a job. */
export interface JobResponder {
  /** For a new job: enqueues it and responds with 202, or with 200 if it ends while the client waits (`Prefer: wait`). */
  created(
    c: Context<ApiEnv>,
    accepted: Accepted,
    options: { cancelAfterMs: number | null },
  ): Promise<Response>;
  /** For the job of an earlier request with the same key: responds with 200, after the same wait. */
  replayed(c: Context<ApiEnv>, accepted: Replayed): Promise<Response>;
}

/** `replayJob` does not return a delivery. */
type Replayed = Omit<Accepted, 'delivery'> & Partial<Pick<Accepted, 'delivery'>>;

export function createJobResponder(deps: JobResponderDeps): JobResponder {
  const { db, enqueue, emailBackfill, hints, changes, cancelTimers, log, defaultCredits } = deps;

  return {
    async created(c, accepted, { cancelAfterMs }) {
      const { job } = accepted;
      const user = c.get('user');
      if (!accepted.replayed) {
        log.fact('job_created', { request_id: c.get('requestId'), job_id: job.id, user_id: user.id });
        changes.apply(job);
        hints.publish({ jobId: job.id, userId: user.id, version: job.version });
        if (cancelAfterMs !== null) cancelTimers.set(cancelAfterMs);
      }
      await enqueuePending(accepted);
      if (user.email === null) emailBackfill.check(user.id);
      const latest = await waitAsPreferred(c, accepted);
      return respondWithJob(c, latest, isTerminal(latest.job.status) ? 200 : 202);
    },
    async replayed(c, accepted) {
      c.header('Idempotent-Replayed', 'true');
      await enqueuePending(accepted);
      return respondWithJob(c, await waitAsPreferred(c, accepted), 200);
    },
  };

  /** Also for a replay: the first response of the database may have been lost. The queue ignores a delivery it has already. */
  async function enqueuePending({ job, delivery }: Replayed): Promise<void> {
    if (delivery && job.status === 'pending') await enqueue(delivery);
  }

  async function waitAsPreferred(c: Context<ApiEnv>, accepted: Replayed): Promise<Replayed> {
    const seconds = preferredWait(c.req.header('Prefer'));
    if (seconds === null) return accepted;
    c.header('Preference-Applied', `wait=${seconds}`);
    const { job, balance } = await waitForJob(changes, accepted.job, {
      until: ({ status }) => isTerminal(status),
      endOnly: true,
      timeoutMs: seconds * 1_000,
      signal: c.req.raw.signal,
    });
    if (job.version === accepted.job.version || !isTerminal(job.status)) return { ...accepted, job };
    return { ...accepted, job, balance: balance ?? (await readBalance(c, accepted, job)) };
  }

  /** For an end that was read without the balance. */
  async function readBalance(c: Context<ApiEnv>, before: { balance: number }, job: Job): Promise<number> {
    const { id: userId, email } = c.get('user');
    try {
      return (await db.ensureUser({ userId, email, defaultCredits })).credits;
    } catch (error) {
      // The client waited for the job, so a failure here must not fail the response.
      log.fact('database_unavailable', { while: 'reading the balance', job_id: job.id, error });
      return before.balance + (job.receipt?.refunded ?? 0);
    }
  }
}

function respondWithJob(
  c: Context<ApiEnv>,
  { job, balance, charged }: Replayed,
  status: 200 | 202,
): Response {
  c.header('Location', jobUrls(job.id).self);
  if (!isTerminal(job.status)) c.header('Retry-After', '2');
  return c.json({ job, credits: { balance, charged } }, status);
}
