import { createHash } from 'node:crypto';
import type { CreditCosts } from '@darkroom/core/job/price';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import type { PastInput } from '@darkroom/db/jobs/input';
import type { Accepted } from '@darkroom/db/jobs/jobs';
import type { Handler } from 'hono';
import type { SignedIn } from '../../auth/signed-in.ts';
import type { ApiEnv } from '../../http/env.ts';
import { readIdempotencyKey } from '../../http/idempotency-key.ts';
import { ProblemError } from '../../problem/problem.ts';
import type { Answers } from './answer.ts';
import { readCancelAfter } from './cancel-after.ts';
import { checkStoredImage } from './input-image.ts';
import { noSuchJob, readJobId } from './job-id.ts';
import { quoteFor } from './quote.ts';

export interface RetryJobDeps {
  db: Pick<Database, 'replayJob' | 'getJobInput' | 'createJob'>;
  storage: Pick<Storage, 'head'>;
  answers: Answers;
  models: readonly string[];
  creditCosts: CreditCosts;
  defaultCredits: number;
  maxActiveJobs: number;
  deadlineMs: number;
}

/**
 * `POST /v1/jobs/{id}/retry`: a new job of the same input for a job that failed or was canceled, debited at today's
 * price. Without an `Idempotency-Key` a job has one retry: asking again gives that one, and that one can be retried.
 */
export function retryJob(deps: RetryJobDeps): Handler<ApiEnv> {
  const { db, storage, answers } = deps;

  return async (c) => {
    const jobId = readJobId(c.req.param('id'));
    const user = c.get('user');
    const idempotencyKey = readIdempotencyKey(c.req.header('Idempotency-Key')) ?? `retry-${jobId}`;
    const cancelAfterMs = readCancelAfter(c.req.header('Cancel-After'));
    const requestHash = createHash('sha256').update(`retry of ${jobId}`).digest('hex');

    const earlier = await db.replayJob({ userId: user.id, idempotencyKey, requestHash });
    if (earlier !== null) return answers.replayed(c, earlier);

    const input = await db.getJobInput({ userId: user.id, jobId });
    if (input === null) throw noSuchJob();
    refuseUnlessLost(input);
    const { input_image_key: key } = input;
    if (key !== null) await checkStoredImage(storage, { userId: user.id, key });

    const again = { input, jobId, user, idempotencyKey, requestHash, cancelAfterMs };
    const accepted = await accept(again);
    if (accepted.replayed) return answers.replayed(c, accepted);
    return answers.made(c, accepted, { cancelAfterMs });
  };

  function accept({
    input,
    jobId,
    user,
    idempotencyKey,
    requestHash,
    cancelAfterMs,
  }: Again): Promise<Accepted> {
    const { status: _, model_requested: before, ...asked } = input;
    const model = deps.models.includes(before) ? before : null;
    const quote = quoteFor({ ...asked, model }, deps);
    return db.createJob({
      userId: user.id,
      email: user.email,
      input: {
        ...asked,
        // A saved prompt that still says the same is named again; else its words of then are sent.
        prompt: asked.custom_prompt_id === null ? asked.prompt : null,
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

interface Again {
  input: PastInput;
  jobId: string;
  user: SignedIn;
  idempotencyKey: string;
  requestHash: string;
  cancelAfterMs: number | null;
}

function refuseUnlessLost({ status }: PastInput): void {
  if (status === 'failed' || status === 'canceled') return;
  throw status === 'completed'
    ? new ProblemError({
        code: 'job_already_finished',
        detail: 'This job made its image. Send POST /v1/jobs to have another one made.',
      })
    : new ProblemError({
        code: 'job_not_finished',
        detail: 'This job is still under way. It can be retried once it has failed or been canceled.',
      });
}
