import { randomUUID } from 'node:crypto';
import type { CreditCosts } from '@darkroom/core/job/price';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Storage } from '@darkroom/core/storage/storage';
import type { JobWebhook } from '@darkroom/core/webhook/events';
import type { Database } from '@darkroom/db/database';
import { DomainError } from '@darkroom/db/errors';
import type { Accepted, NewJob } from '@darkroom/db/jobs/jobs';
import type { Context, Handler } from 'hono';
import { assertNotDeleted, type DeletedUsers } from '../../auth/deleted-users.ts';
import type { ApiEnv } from '../../http/env.ts';
import type { Answers } from './answer.ts';
import { createDryRun } from './dry-run.ts';
import { type Quote, quoteFor } from './quote.ts';
import { readSubmission, type Submission } from './submission.ts';
import { createTakeImage, type TakenImage } from './take-image.ts';
import { type WebhookOffer, webhookOf } from './webhook.ts';

export interface CreateJobDeps {
  db: Pick<Database, 'replayJob' | 'ensureUser' | 'getPrompt' | 'createJob'>;
  storage: Pick<Storage, 'put' | 'head' | 'delete'>;
  deletedUsers: Pick<DeletedUsers, 'has'>;
  answers: Answers;
  log: Log;
  models: readonly string[];
  creditCosts: CreditCosts;
  defaultCredits: number;
  maxActiveJobs: number;
  deadlineMs: number;
  webhooks: WebhookOffer;
}

/**
 * `POST /v1/jobs`: debits and makes a job, and rings for a worker. A request that was accepted before is answered with
 * its job before anything else is asked of it. With `?dry_run=true` it is checked and priced, and nothing made.
 */
export function createJob(deps: CreateJobDeps): Handler<ApiEnv> {
  const { db, storage, deletedUsers, answers, log } = deps;
  const dryRun = createDryRun(deps);
  const takeImage = createTakeImage(deps);

  return async (c) => {
    const submission = await readSubmission(c);
    const judged = judge(submission);
    // What makes the job refuses a deleted account and knows a repeated key itself, before all else. Only a request
    // that does not come to it, or not at once, has to be asked about both.
    if ('refusal' in judged || submission.dryRun || hasImage(submission)) {
      await assertNotDeleted(deletedUsers, submission.user.id);
      const earlier = await replay(submission);
      if (earlier !== null) {
        letGo(c, submission);
        return answers.replayed(c, earlier);
      }
    }
    if ('refusal' in judged) throw judged.refusal;
    const { quote, webhook } = judged;
    if (submission.dryRun) return c.json({ quote: await dryRun(submission, quote) });

    const image = await takeImage(submission, quote);
    letGo(c, submission);
    const accepted = await accept(submission, { quote, image, webhook });
    // A key made here is repeated only below us, when the database's first answer was lost: new to the client.
    if (accepted.replayed && submission.key !== null) return answers.replayed(c, accepted);
    return answers.made(c, accepted, submission);
  };

  /** What it would cost and whom to tell, or why it cannot be. */
  function judge({ request }: Submission): Offer | { refusal: unknown } {
    try {
      return { webhook: webhookOf(request, deps.webhooks), quote: quoteFor(request, deps) };
    } catch (refusal) {
      return { refusal };
    }
  }

  async function replay({ user, key, hash, dryRun }: Submission) {
    return key === null || dryRun
      ? null
      : db.replayJob({ userId: user.id, idempotencyKey: key, requestHash: hash });
  }

  /** Makes the job. A fresh upload that no job names in the end is removed. */
  async function accept(submission: Submission, checked: Checked): Promise<Accepted> {
    const { image } = checked;
    try {
      const accepted = await db.createJob(newJob(submission, checked));
      if (accepted.job.input_image_key !== image.key) discard(image);
      return accepted;
    } catch (error) {
      // Only a refusal is sure to have written nothing. Else the upload stays, and the sweeper looks after it.
      if (error instanceof DomainError) discard(image);
      throw error;
    }
  }

  function newJob(submission: Submission, { quote, image, webhook }: Checked): NewJob {
    const { user, request, hash, key, cancelAfterMs } = submission;
    return {
      userId: user.id,
      email: user.email,
      input: {
        prompt: request.prompt,
        custom_prompt_id: request.custom_prompt_id,
        input_image_key: image.key,
        aspect_ratio: request.aspect_ratio,
        image_size: request.image_size,
        model_requested: quote.model,
        fallback: request.fallback,
        metadata: request.metadata,
        ...(cancelAfterMs === null ? null : { cancel_after_ms: cancelAfterMs }),
      },
      webhook,
      price: quote.price,
      idempotencyKey: key ?? `auto-${randomUUID()}`,
      requestHash: hash,
      defaultCredits: deps.defaultCredits,
      maxActiveJobs: deps.maxActiveJobs,
      deadlineMs: deps.deadlineMs,
    };
  }

  function discard({ key, fresh }: TakenImage): void {
    if (key === null || !fresh) return;
    storage
      .delete(key)
      .catch((error: unknown) => log.fact('storage_unavailable', { object_key: key, error }));
  }
}

function hasImage({ request, inline }: Submission): boolean {
  return inline !== null || request.input_image_key !== null;
}

/** The image is needed no more, and the client may wait for long: others' images may come in. */
function letGo(c: Context<ApiEnv>, submission: Submission): void {
  submission.inline = null;
  c.get('bodyTaken')?.();
}

/** What a submission would cost, and whom to tell. */
interface Offer {
  quote: Quote;
  webhook: JobWebhook | null;
}

/** What the parts of a submission turned out to be. */
interface Checked extends Offer {
  image: TakenImage;
}
