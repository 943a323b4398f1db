import { type JobRequest, jobRequest } from '@darkroom/core/job/request';
import { requestHash } from '@darkroom/core/job/request-hash';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SessionUser } from '../../auth/session-user.ts';
import type { ApiEnv } from '../../http/env.ts';
import { readIdempotencyKey } from '../../http/idempotency-key.ts';
import { readJson } from '../../http/json-body.ts';
import { validate } from '../../problem/validation.ts';
import { readCancelAfter } from './cancel-after.ts';
import { decodeInlineImage, type InlineImage } from './inline-image.ts';

/** A parsed `POST /v1/jobs`. Nothing in it has been looked up yet. */
export interface CreateRequest {
  user: SessionUser;
  /** The body without its inline image. */
  body: JobRequest;
  /** Hash of the canonical body, hex. */
  hash: string;
  inlineImage: InlineImage | null;
  /** The client's Idempotency-Key. */
  idempotencyKey: string | null;
  /** Only validate and price the request. */
  dryRun: boolean;
  /** Milliseconds after which the job is canceled. */
  cancelAfterMs: number | null;
}

/** Reads the request and checks what can be checked without any lookup. @throws ProblemError */
export async function readCreateRequest(c: Context<ApiEnv>): Promise<CreateRequest> {
  const dryRun = isDryRun(validate(createJobQuery, c.req.query()));
  const idempotencyKey = readIdempotencyKey(c.req.header('Idempotency-Key'));
  const cancelAfterMs = readCancelAfter(c.req.header('Cancel-After'));
  const body = validate(jobRequest, await readJson(c));
  const encoded = body.reference_image_base64;
  const inlineImage = encoded === null ? null : decodeInlineImage(encoded);
  return {
    user: c.get('user'),
    // Drop the encoded image: the decoded one is in memory already.
    body: { ...body, reference_image_base64: null },
    hash: requestHash(body, inlineImage?.sha256 ?? null),
    inlineImage,
    idempotencyKey,
    dryRun,
    cancelAfterMs,
  };
}

/** `?dry_run` without a value is true. */
export const createJobQuery = z.object({
  dry_run: z
    .enum(['true', 'false', ''], 'Must be true or false.')
    .optional()
    .meta({ description: 'Validates and prices the request without creating a job.' }),
});

function isDryRun({ dry_run }: z.output<typeof createJobQuery>): boolean {
  return dry_run === 'true' || dry_run === '';
}
