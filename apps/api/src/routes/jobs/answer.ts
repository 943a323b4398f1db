import { isTerminal, type Job } from '@darkroom/core/job/job';
import type { Hints } from '@darkroom/core/queue/hints';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Database } from '@darkroom/db/database';
import type { Accepted } from '@darkroom/db/jobs/jobs';
import type { Context } from 'hono';
import type { EmailBackfill } from '../../auth/email-backfill.ts';
import { waitFor } from '../../changes/wait.ts';
import type { Watch } from '../../changes/watch.ts';
import type { CancelTimers } from '../../enqueue/cancel-timers.ts';
import type { Deliver } from '../../enqueue/enqueue.ts';
import type { ApiEnv } from '../../http/env.ts';
import { preferredWait } from '../../http/prefer.ts';
import { jobUrls } from './urls.ts';

export interface AnswerDeps {
  db: Pick<Database, 'ensureUser'>;
  deliver: Deliver;
  emails: EmailBackfill;
  hints: Hints;
  watch: Watch;
  cancelTimers: CancelTimers;
  log: Log;
  defaultCredits: number;
}

/** What became of a request that a job came of. */
export interface Answers {
  /** The job was made just now: rings for a worker, then answers 202, or 200 if it ends while the client waits. */
  made(c: Context<ApiEnv>, accepted: Accepted, options: { cancelAfterMs: number | null }): Promise<Response>;
  /** The job of an earlier request with the same key: 200, after the same wait. */
  replayed(c: Context<ApiEnv>, accepted: Known): Promise<Response>;
}

/** A delivery only where the database said which is the latest. */
type Known = Omit<Accepted, 'delivery'> & Partial<Pick<Accepted, 'delivery'>>;

export function createAnswers(deps: AnswerDeps): Answers {
  const { db, deliver, emails, hints, watch, cancelTimers, log, defaultCredits } = deps;

  return {
    async made(c, accepted, { cancelAfterMs }) {
      const { job } = accepted;
      const user = c.get('user');
      if (!accepted.replayed) {
        log.fact('job_created', { request_id: c.get('requestId'), job_id: job.id, user_id: user.id });
        watch.learn(job);
        hints.publish({ jobId: job.id, userId: user.id, version: job.version });
        if (cancelAfterMs !== null) cancelTimers.set(cancelAfterMs);
      }
      await ring(accepted);
      if (user.email === null) emails.note(user.id);
      const latest = await waitAsPreferred(c, accepted);
      return answer(c, latest, isTerminal(latest.job.status) ? 200 : 202);
    },
    async replayed(c, accepted) {
      c.header('Idempotent-Replayed', 'true');
      await ring(accepted);
      return answer(c, await waitAsPreferred(c, accepted), 200);
    },
  };

  /** Also when the first answer of the database was lost: a delivery that the queue has already stays one. */
  async function ring({ job, delivery }: Known): Promise<void> {
    if (delivery && job.status === 'pending') await deliver(delivery);
  }

  /** Waits for the end of the job if the client would rather have that than an answer now. */
  async function waitAsPreferred(c: Context<ApiEnv>, accepted: Known): Promise<Known> {
    const seconds = preferredWait(c.req.header('Prefer'));
    if (seconds === null) return accepted;
    c.header('Preference-Applied', `wait=${seconds}`);
    const { job, balance } = await waitFor(watch, accepted.job, {
      fits: ({ status }) => isTerminal(status),
      endOnly: true,
      forMs: seconds * 1_000,
      signal: c.req.raw.signal,
    });
    if (job.version === accepted.job.version || !isTerminal(job.status)) return { ...accepted, job };
    return { ...accepted, job, balance: balance ?? (await readBalance(c, accepted, job)) };
  }

  /** Where another reading has brought the job's end, and no balance with it. */
  async function readBalance(c: Context<ApiEnv>, before: { balance: number }, job: Job): Promise<number> {
    const { id: userId, email } = c.get('user');
    try {
      return (await db.ensureUser({ userId, email, defaultCredits })).credits;
    } catch (error) {
      // The job has ended, and that is what is waited for.
      log.fact('database_unavailable', { while: 'reading the balance', job_id: job.id, error });
      return before.balance + (job.receipt?.refunded ?? 0);
    }
  }
}

function answer(c: Context<ApiEnv>, { job, balance, charged }: Known, status: 200 | 202): Response {
  c.header('Location', jobUrls(job.id).self);
  if (!isTerminal(job.status)) c.header('Retry-After', '2');
  return c.json({ job, credits: { balance, charged } }, status);
}
