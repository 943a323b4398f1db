import { createHash } from 'node:crypto';
import type { CreditCosts } from '@darkroom/core/job/price';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import type { PastInput } from '@darkroom/db/jobs/input';
import type { Accepted } from '@darkroom/db/jobs/jobs';
import type { Handler } from 'hono';
import type { SessionUser } from '../../auth/session-user.ts';
import type { ApiEnv } from '../../http/env.ts';
import { readIdempotencyKey } from '../../http/idempotency-key.ts';
import { notFound, readPathId } from '../../http/path-id.ts';
import { ProblemError } from '../../problem/problem.ts';
import { readCancelAfter } from './cancel-after.ts';
import { checkStoredImage } from './input-image.ts';
import { quoteFor } from './quote.ts';
import type { JobResponder } from './respond.ts';

export interface RetryJobDeps {
  db: Pick<Database, 'replayJob' | 'getJobInput' | 'createJob'>;
  storage: Pick<Storage, 'head'>;
  respond: JobResponder;
  /** In the order of fallback. */
  models: readonly string[];
  creditCosts: CreditCosts;
  defaultCredits: number;
  maxActiveJobs: number;
  deadlineMs: number;
}

/**
 * `POST /v1/jobs/{id}/retry`: creates a job from the input of a failed or canceled one, debited at the current price.
 * Without an `Idempotency-Key` a job has one retry, and repeated calls return it; that retry can be retried in turn.
 */
export function retryJob(deps: RetryJobDeps): Handler<ApiEnv> {
  const { db, storage, respond } = deps;

  return async (c) => {
    const jobId = readPathId(c.req.param('id'), 'job');
    const user = c.get('user');
    const idempotencyKey = readIdempotencyKey(c.req.header('Idempotency-Key')) ?? `retry-${jobId}`;
    const cancelAfterMs = readCancelAfter(c.req.header('Cancel-After'));
    const requestHash = createHash('sha256').update(`retry of ${jobId}`).digest('hex');

    const earlier = await db.replayJob({ userId: user.id, idempotencyKey, requestHash });
    if (earlier !== null) return respond.replayed(c, earlier);

    const input = await db.getJobInput({ userId: user.id, jobId });
    if (input === null) throw notFound('job');
    rejectUnlessRetryable(input);
    const { input_image_key: key } = input;
    if (key !== null) await checkStoredImage(storage, { userId: user.id, key });

    const accepted = await accept({ input, jobId, user, idempotencyKey, requestHash, cancelAfterMs });
    if (accepted.replayed) return respond.replayed(c, accepted);
    return respond.created(c, accepted, { cancelAfterMs });
  };

  function accept(retry: Retry): Promise<Accepted> {
    const { jobId, user, idempotencyKey, requestHash, cancelAfterMs } = retry;
    const { status: _, model_requested: earlierModel, ...input } = retry.input;
    const model = deps.models.includes(earlierModel) ? earlierModel : null;
    const quote = quoteFor({ ...input, model }, deps);
    return db.createJob({
      userId: user.id,
      email: user.email,
      input: {
        ...input,
        // The database names the saved prompt only while its text is unchanged; otherwise it returns the text.
        prompt: input.custom_prompt_id === null ? input.prompt : null,
        model_requested: quote.model,
        retry_of: jobId,
        ...(cancelAfterMs === null ? null : { cancel_after_ms: cancelAfterMs }),
      },
      price: quote.price,
      idempotencyKey,
      requestHash,
      defaultCredits: deps.defaultCredits,
      maxActiveJobs: deps.maxActiveJobs,
      deadlineMs: deps.deadlineMs,
    });
  }
}

interface Retry {
  input: PastInput;
  jobId: string;
  user: SessionUser;
  idempotencyKey: string;
  requestHash: string;
  cancelAfterMs: number | null;
}

function rejectUnlessRetryable({ status }: PastInput): void {
  if (status === 'failed' || status === 'canceled') return;
  throw status === 'completed'
    ? new ProblemError({
        code: 'job_already_finished',
        detail: 'This job has its image and cannot be retried. Send POST /v1/jobs for another image.',
      })
    : new ProblemError({
        code: 'job_not_finished',
        detail: 'This job has not finished. It can be retried once it has failed or been canceled.',
      });
}
