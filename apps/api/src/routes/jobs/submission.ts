import { type JobRequest, jobRequest } from '@darkroom/core/job/request';
import { requestHash } from '@darkroom/core/job/request-hash';
import type { Context } from 'hono';
import { z } from 'zod';
import type { SignedIn } from '../../auth/signed-in.ts';
import type { ApiEnv } from '../../http/env.ts';
import { readIdempotencyKey } from '../../http/idempotency-key.ts';
import { readJson } from '../../http/json-body.ts';
import { parseOrRefuse } from '../../problem/invalid.ts';
import { readCancelAfter } from './cancel-after.ts';
import { decodeInlineImage, type InlineImage } from './inline-image.ts';

/** Who asks for what. Nothing in it has been looked up yet. */
export interface Submission {
  user: SignedIn;
  request: JobRequest;
  /** Of the canonical request, hex. */
  hash: string;
  inline: InlineImage | null;
  /** The client's own Idempotency-Key. */
  key: string | null;
  /** Only to be checked and priced. */
  dryRun: boolean;
  /** Milliseconds after which the client does not want the image any more. */
  cancelAfterMs: number | null;
}

/** Reads and checks everything that can be judged by the request alone. @throws ProblemError */
export async function readSubmission(c: Context<ApiEnv>): Promise<Submission> {
  const dryRun = isDryRun(parseOrRefuse(submissionQuery, c.req.query()));
  const key = readIdempotencyKey(c.req.header('Idempotency-Key'));
  const cancelAfterMs = readCancelAfter(c.req.header('Cancel-After'));
  const request = parseOrRefuse(jobRequest, await readJson(c));
  const encoded = request.reference_image_base64;
  const inline = encoded === null ? null : decodeInlineImage(encoded);
  return {
    user: c.get('user'),
    // Decoded, it would be held twice.
    request: { ...request, reference_image_base64: null },
    hash: requestHash(request, inline?.sha256 ?? null),
    inline,
    key,
    dryRun,
    cancelAfterMs,
  };
}

/** `dry_run` alone is true. */
export const submissionQuery = z.object({
  dry_run: z
    .enum(['true', 'false', ''], 'Must be true or false.')
    .optional()
    .meta({ description: 'Checks and prices the request, and makes nothing.' }),
});

function isDryRun({ dry_run }: z.output<typeof submissionQuery>): boolean {
  return dry_run === 'true' || dry_run === '';
}
