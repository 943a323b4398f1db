import { randomUUID } from 'node:crypto';
import type { CreditCosts } from '@darkroom/core/job/price';
import type { JobWebhook } from '@darkroom/core/job/webhook-events';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { DomainError } from '@darkroom/db/errors';
import type { Accepted, NewJob } from '@darkroom/db/jobs/jobs';
import type { Context, Handler } from 'hono';
import { type DeletedUsers, rejectIfDeleted } from '../../accounts/deleted-users.ts';
import type { ApiEnv } from '../../http/env.ts';
import { requestedWebhook, type WebhookSettings } from '../webhooks/requested-webhook.ts';
import { type CreateRequest, readCreateRequest } from './create-request.ts';
import { createDryRun } from './dry-run.ts';
import { createPrepareInputImage, type InputImage } from './prepare-input-image.ts';
import { type Quote, quoteFor } from './quote.ts';
import type { JobResponder } from './respond.ts';

export interface CreateJobDeps {
  db: Pick<Database, 'replayJob' | 'ensureUser' | 'getPrompt' | 'createJob'>;
  storage: Pick<Storage, 'put' | 'head' | 'delete'>;
  deletedUsers: Pick<DeletedUsers, 'has'>;
  respond: JobResponder;
  log: Log;
  /** In the order of fallback. */
  models: readonly string[];
  creditCosts: CreditCosts;
  defaultCredits: number;
  maxActiveJobs: number;
  deadlineMs: number;
  webhooks: WebhookSettings;
}

/**
 * `POST /v1/jobs`: debits the price, creates a job and enqueues it. A replayed request gets its job before anything else
 * about it is checked. `?dry_run=true` validates and prices the request only.
 */
export function createJob(deps: CreateJobDeps): Handler<ApiEnv> {
  const { db, storage, deletedUsers, respond, log } = deps;
  const dryRun = createDryRun(deps);
  const prepareInputImage = createPrepareInputImage(deps);

  return async (c) => {
    const request = await readCreateRequest(c);
    const plan = planOf(request);
    // create_job rejects deleted accounts and replays keys itself. Check here only when we may fail, quote or upload
    // before calling it.
    if ('error' in plan || request.dryRun || hasImage(request)) {
      await rejectIfDeleted(deletedUsers, request.user.id);
      const earlier = await replay(request);
      if (earlier !== null) {
        releaseBody(c, request);
        return respond.replayed(c, earlier);
      }
    }
    if ('error' in plan) throw plan.error;
    const { quote, webhook } = plan;
    if (request.dryRun) return c.json({ quote: await dryRun(request, quote) });

    const image = await prepareInputImage(request, quote);
    releaseBody(c, request);
    const accepted = await accept(request, { quote, image, webhook });
    // A key generated here replays only if the database's first response was lost: to the client the job is new.
    if (accepted.replayed && request.idempotencyKey !== null) return respond.replayed(c, accepted);
    return respond.created(c, accepted, request);
  };

  function planOf({ body }: CreateRequest): Plan | { error: unknown } {
    try {
      return { webhook: requestedWebhook(body, deps.webhooks), quote: quoteFor(body, deps) };
    } catch (error) {
      return { error };
    }
  }

  async function replay({ user, idempotencyKey, hash, dryRun }: CreateRequest) {
    return idempotencyKey === null || dryRun
      ? null
      : db.replayJob({ userId: user.id, idempotencyKey, requestHash: hash });
  }

  /** Creates the job. Deletes a newly stored image that no job uses in the end. */
  async function accept(request: CreateRequest, prepared: Prepared): Promise<Accepted> {
    const { image } = prepared;
    try {
      const accepted = await db.createJob(newJob(request, prepared));
      if (accepted.job.input_image_key !== image.key) discard(image);
      return accepted;
    } catch (error) {
      // Only a DomainError proves that nothing was written. Otherwise the image stays, and a worker removes it later.
      if (error instanceof DomainError) discard(image);
      throw error;
    }
  }

  function newJob(request: CreateRequest, { quote, image, webhook }: Prepared): NewJob {
    const { user, body, hash, idempotencyKey, cancelAfterMs } = request;
    return {
      userId: user.id,
      email: user.email,
      input: {
        prompt: body.prompt,
        custom_prompt_id: body.custom_prompt_id,
        input_image_key: image.key,
        aspect_ratio: body.aspect_ratio,
        image_size: body.image_size,
        model_requested: quote.model,
        fallback: body.fallback,
        metadata: body.metadata,
        ...(cancelAfterMs === null ? null : { cancel_after_ms: cancelAfterMs }),
      },
      webhook,
      price: quote.price,
      idempotencyKey: idempotencyKey ?? `auto-${randomUUID()}`,
      requestHash: hash,
      defaultCredits: deps.defaultCredits,
      maxActiveJobs: deps.maxActiveJobs,
      deadlineMs: deps.deadlineMs,
    };
  }

  function discard({ key, isNew }: InputImage): void {
    if (key === null || !isNew) return;
    storage
      .delete(key)
      .catch((error: unknown) => log.fact('storage_unavailable', { object_key: key, error }));
  }
}

function hasImage({ body, inlineImage }: CreateRequest): boolean {
  return inlineImage !== null || body.input_image_key !== null;
}

/** Frees the image's memory: the client may wait for a long time, and other requests need it. */
function releaseBody(c: Context<ApiEnv>, request: CreateRequest): void {
  request.inlineImage = null;
  c.get('releaseBody')?.();
}

/** What a valid request costs, and its webhook. */
interface Plan {
  quote: Quote;
  webhook: JobWebhook | null;
}

interface Prepared extends Plan {
  image: InputImage;
}
