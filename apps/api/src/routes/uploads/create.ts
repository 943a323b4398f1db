import { inputLimits } from '@darkroom/core/image/inspect';
import { extensionOf, uploadKey } from '@darkroom/core/storage/keys';
import { type UploadSigner, uploadLifetimeMs } from '@darkroom/core/storage/sign-upload';
import type { Handler } from 'hono';
import { z } from 'zod';
import type { ApiEnv } from '../../http/env.ts';
import { readJson } from '../../http/json-body.ts';
import { parseOrRefuse } from '../../problem/invalid.ts';
import { ProblemError } from '../../problem/problem.ts';
import { createOpenUploads } from './open-uploads.ts';

/** What can be uploaded: what every model takes. */
const contentTypes = ['image/png', 'image/jpeg', 'image/webp'] as const;

export const uploadRequest = z.strictObject({
  content_type: z.enum(contentTypes, `Must be one of: ${contentTypes.join(', ')}.`),
  /** In bytes. */
  content_length: z
    .int('Must be a whole number of bytes.')
    .min(1, 'Must be at least 1.')
    .max(inputLimits.maxBytes, `Must be at most ${inputLimits.maxBytes} bytes.`),
});

/** Addresses that a user may hold at a time. */
const maxOpen = 100;

/**
 * `POST /v1/uploads`: lets the client put one image of this very type and length straight into the bucket, under a
 * key of the user's own that nobody can guess. Nothing is made until it does; what no job or prompt names in the end
 * is removed a day later.
 */
export function createUpload(deps: {
  uploads: UploadSigner;
  randomId: () => string;
  now: () => number;
}): Handler<ApiEnv> {
  const { uploads, randomId, now } = deps;
  const open = createOpenUploads({ max: maxOpen, forMs: uploadLifetimeMs, now });
  return async (c) => {
    const { content_type: contentType, content_length: contentLength } = parseOrRefuse(
      uploadRequest,
      await readJson(c),
    );
    const fullForMs = open.take(c.get('user').id);
    if (fullForMs > 0) throw tooMany(fullForMs);
    const key = uploadKey({ userId: c.get('user').id, random: randomId(), ext: extensionOf(contentType) });
    const signed = await uploads.sign({ key, contentType, contentLength });
    return c.json({ key, ...signed }, 201);
  };
}

function tooMany(forMs: number): ProblemError {
  return new ProblemError({
    code: 'too_many_uploads',
    detail: `You hold ${maxOpen} addresses to upload to, which is as many as are given. Use one, or wait.`,
    extras: { limit: maxOpen },
    headers: { 'Retry-After': String(Math.ceil(forMs / 1_000)) },
  });
}
