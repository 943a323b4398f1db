import { describe, expect, test } from 'vitest';
import { jobRequest, maxMetadataBytes, maxPromptCharacters } from './request.ts';
import { requestHash } from './request-hash.ts';

function problems(input: unknown): string[] {
  const parsed = jobRequest.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join('/'));
}

describe('a job request', () => {
  test('needs only a prompt, and missing fields become null', () => {
    expect(jobRequest.parse({ prompt: 'a fox' })).toEqual({
      prompt: 'a fox',
      custom_prompt_id: null,
      input_image_key: null,
      reference_image_base64: null,
      aspect_ratio: null,
      image_size: null,
      model: null,
      fallback: true,
      metadata: null,
      webhook_url: null,
      webhook_events: null,
    });
  });

  test('treats null as a missing field', () => {
    const nulls = { model: null, fallback: null, metadata: null, custom_prompt_id: null };
    expect(jobRequest.parse({ prompt: 'a fox', ...nulls })).toEqual(jobRequest.parse({ prompt: 'a fox' }));
  });

  test.each([
    ['no prompt', {}, 'prompt'],
    ['a blank prompt', { prompt: ' \n' }, 'prompt'],
    ['a prompt that is not a string', { prompt: 7 }, 'prompt'],
    ['a prompt that is too long', { prompt: 'x'.repeat(maxPromptCharacters + 1) }, 'prompt'],
    ['a prompt that Postgres cannot store', { prompt: 'a\0b' }, 'prompt'],
    ['half of a surrogate pair', { prompt: 'a\ud800b' }, 'prompt'],
    ['both kinds of prompt', { prompt: 'a', custom_prompt_id: crypto.randomUUID() }, 'custom_prompt_id'],
    ['a prompt id that is not a UUID', { custom_prompt_id: '7' }, 'custom_prompt_id'],
    [
      'two input images',
      { prompt: 'a', input_image_key: 'k', reference_image_base64: 'AA==' },
      'reference_image_base64',
    ],
    ['an invalid ratio', { prompt: 'a', aspect_ratio: 'wide' }, 'aspect_ratio'],
    ['an invalid size', { prompt: 'a', image_size: 'big' }, 'image_size'],
    ['metadata that is a list', { prompt: 'a', metadata: [] }, 'metadata'],
    [
      'metadata that is too large',
      { prompt: 'a', metadata: { a: 'x'.repeat(maxMetadataBytes) } },
      'metadata',
    ],
    ['a webhook that is not a URL', { prompt: 'a', webhook_url: 'x' }, 'webhook_url'],
    [
      'a webhook that is too long after percent-encoding',
      { prompt: 'a', webhook_url: `https://x.com/${'ä'.repeat(1_000)}` },
      'webhook_url',
    ],
    ['events without a webhook', { prompt: 'a', webhook_events: ['job.failed'] }, 'webhook_events'],
    [
      'an empty list of events',
      { prompt: 'a', webhook_url: 'https://x.com', webhook_events: [] },
      'webhook_events',
    ],
    [
      'an unknown event',
      { prompt: 'a', webhook_url: 'https://x.com', webhook_events: ['job.lost'] },
      'webhook_events/0',
    ],
    ['metadata that Postgres cannot store', { prompt: 'a', metadata: { a: ['\0'] } }, 'metadata'],
  ])('is rejected with %s', (_, input, path) => {
    expect(problems(input)).toEqual([path]);
  });

  test('has its characters counted as Postgres counts them', () => {
    expect(problems({ prompt: '🦊'.repeat(maxPromptCharacters) })).toEqual([]);
    expect(problems({ prompt: '🦊'.repeat(maxPromptCharacters + 1) })).toEqual(['prompt']);
  });

  test('is rejected with unknown fields, each named', () => {
    const parsed = jobRequest.safeParse({ prompt: 'a', promt: 'b', webhok_url: 'c' });
    expect(parsed.error?.issues).toMatchObject([
      { code: 'unrecognized_keys', keys: ['promt', 'webhok_url'] },
    ]);
  });

  test('is rejected when its metadata becomes too long as jsonb text', () => {
    expect(problems({ prompt: 'a', metadata: { a: Array(9).fill(1e300) } })).toEqual(['metadata']);
    expect(problems({ prompt: 'a', metadata: { a: Array(1_000).fill(1) } })).toEqual(['metadata']);
    expect(problems({ prompt: 'a', metadata: { a: 'x'.repeat(2_000) } })).toEqual([]);
  });

  test('cannot overflow the stack with deeply nested metadata', () => {
    const metadata = JSON.parse(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`);
    expect(problems({ prompt: 'a', metadata })).toEqual(['metadata']);
  });
});

describe('the hash of a request', () => {
  const hash = (input: object, image: string | null = null) => requestHash(jobRequest.parse(input), image);

  test('does not depend on the order of fields or on explicit defaults', () => {
    expect(hash({ prompt: 'a', metadata: { x: 1, y: { p: 1, q: 2 } } })).toBe(
      hash({ metadata: { y: { q: 2, p: 1 }, x: 1 }, fallback: true, model: null, prompt: 'a' }),
    );
  });

  test('depends on every field', () => {
    const all = [
      hash({ prompt: 'a' }),
      hash({ prompt: 'b' }),
      hash({ prompt: 'a', model: 'm' }),
      hash({ prompt: 'a', fallback: false }),
      hash({ prompt: 'a', aspect_ratio: '1:1' }),
      hash({ prompt: 'a', image_size: '1K' }),
      hash({ prompt: 'a', metadata: { x: [1, 2] } }),
      hash({ prompt: 'a', metadata: { x: [2, 1] } }),
      hash({ prompt: 'a', input_image_key: 'k' }),
      hash({ prompt: 'a', webhook_url: 'https://x.com' }),
      hash({ prompt: 'a', webhook_url: 'https://x.com', webhook_events: ['job.failed'] }),
      hash({ prompt: 'a' }, 'f00d'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('depends on the set of webhook events, not on how it is written', () => {
    const webhook_url = 'https://x.com/';
    expect(hash({ prompt: 'a', webhook_url: 'https://X.com' })).toBe(
      hash({ prompt: 'a', webhook_url, webhook_events: ['job.canceled', 'job.failed', 'job.completed'] }),
    );
    expect(hash({ prompt: 'a', webhook_url, webhook_events: ['job.failed', 'job.processing'] })).toBe(
      hash({ prompt: 'a', webhook_url, webhook_events: ['job.processing', 'job.failed', 'job.failed'] }),
    );
  });

  test('depends on the bytes of an inline image, not on its encoding', () => {
    expect(hash({ prompt: 'a', reference_image_base64: 'AAAA' }, 'f00d')).toBe(
      hash({ prompt: 'a', reference_image_base64: 'data:image/png;base64,AAAA' }, 'f00d'),
    );
  });
});
