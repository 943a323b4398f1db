import { inputLimits } from '@darkroom/core/image/inspect';
import { extensionOf, uploadKey } from '@darkroom/core/storage/keys';
import { type UploadSigner, uploadLifetimeMs } from '@darkroom/core/storage/sign-upload';
import type { Handler } from 'hono';
import { z } from 'zod';
import type { ApiEnv } from '../../http/env.ts';
import { readJson } from '../../http/json-body.ts';
import { ProblemError } from '../../problem/problem.ts';
import { validate } from '../../problem/validation.ts';
import { createOpenUploads } from './open-uploads.ts';

/** The types that every model accepts. */
const contentTypes = ['image/png', 'image/jpeg', 'image/webp'] as const;

export const uploadRequest = z.strictObject({
  content_type: z.enum(contentTypes, `Must be one of: ${contentTypes.join(', ')}.`),
  /** In bytes. */
  content_length: z
    .int('Must be a whole number of bytes.')
    .min(1, 'Must be at least 1.')
    .max(inputLimits.maxBytes, `Must be at most ${inputLimits.maxBytes} bytes.`),
});

/** Unexpired upload URLs per user. */
const maxOpen = 100;

export interface CreateUploadDeps {
  uploads: UploadSigner;
  /** Returns a new UUID. */
  randomId: () => string;
  /** Monotonic milliseconds. */
  now: () => number;
}

/**
 * `POST /v1/uploads`: signs a URL to PUT one image of exactly this type and length into the bucket, under a random key of
 * the user. Stores nothing itself. A worker removes an upload that no job or prompt names after a day.
 */
export function createUpload(deps: CreateUploadDeps): Handler<ApiEnv> {
  const { uploads, randomId, now } = deps;
  const open = createOpenUploads({ max: maxOpen, lifetimeMs: uploadLifetimeMs, now });
  return async (c) => {
    const { content_type: contentType, content_length: contentLength } = validate(
      uploadRequest,
      await readJson(c),
    );
    const waitMs = open.add(c.get('user').id);
    if (waitMs > 0) throw tooManyUploads(waitMs);
    const key = uploadKey({ userId: c.get('user').id, random: randomId(), ext: extensionOf(contentType) });
    const signed = await uploads.sign({ key, contentType, contentLength });
    return c.json({ key, ...signed }, 201);
  };
}

function tooManyUploads(waitMs: number): ProblemError {
  return new ProblemError({
    code: 'too_many_uploads',
    detail: `You have ${maxOpen} unexpired upload URLs, which is the maximum. Use one, or wait until one expires.`,
    extras: { limit: maxOpen },
    headers: { 'Retry-After': String(Math.ceil(waitMs / 1_000)) },
  });
}
