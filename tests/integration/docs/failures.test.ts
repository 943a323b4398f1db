import path from 'node:path';
import { type FailureCode, failureCodes, failures } from '@darkroom/core/job/failure';
import { expect, it } from 'vitest';

const file = path.resolve(import.meta.dirname, '../../../docs/failures.md');

const happened: Record<FailureCode, string> = {
  model_unavailable: 'the model is gone (404)',
  rate_limited: 'the model is busy (429)',
  provider_unavailable: '500, 502, 503, 504, network, timeout, a broken answer',
  no_image:
    'an answer without an image: NO_IMAGE, words only, OTHER, IMAGE_OTHER, MAX_TOKENS, MALFORMED_RESPONSE',
  content_blocked:
    'refused by policy: blockReason, SAFETY, PROHIBITED_CONTENT, RECITATION, BLOCKLIST, SPII and their IMAGE_ forms',
  invalid_request: '400 INVALID_ARGUMENT',
  provider_misconfigured:
    'a wrong key or missing billing: 400 API_KEY_INVALID or FAILED_PRECONDITION, 401, 403',
  bad_image: 'the bytes that came back do not decode',
  invalid_input_image: "the input image is missing, another user's, over 20 MB or 50 megapixels, or no image",
  storage_unavailable:
    'R2 or the database is away; a finished image is kept and stored again while the lease holds',
  deadline_exceeded: "the job's deadline has passed",
  worker_crashed: 'the job lost its worker three times',
  canceled: 'canceled by its owner, an operator, Cancel-After, or the deletion of the account',
  internal_error: 'a fault of ours',
};

const retries = {
  never: 'no',
  once: 'once',
  budget: 'up to MAX_ATTEMPTS, with backoff',
  until_deadline: 'when the service says so, until the deadline; not counted',
};

const refunds = {
  at_once: 'at once',
  all_models_failed: 'when all models have failed',
  failed_again: 'when that fails too',
  attempts_used: 'when the attempts are used up',
  at_deadline: 'at the deadline',
};

it('docs/failures.md is the failure table (vitest -u writes it anew)', async () => {
  const rows = failureCodes.map((code) => {
    const rule = failures[code];
    const next = rule.nextModel ? `yes${rule.retrySameModel ? ', after one more try' : ''}` : 'no';
    return `| \`${code}\` | ${happened[code]} | ${next} | ${retries[rule.retry]} | ${refunds[rule.refund]} | ${rule.message} |`;
  });
  await expect(
    [
      '# What can go wrong with an image',
      '',
      'The credits come back in every case, in the same transaction that ends the job. `error_code` and `error_message` of a',
      'failed or canceled job are those below.',
      '',
      '| code | what happened | next model? | run again? | refunded | what the user reads |',
      '| --- | --- | --- | --- | --- | --- |',
      ...rows,
      '',
    ].join('\n'),
  ).toMatchFileSnapshot(file);
});
