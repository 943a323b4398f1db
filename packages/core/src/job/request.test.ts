import { describe, expect, test } from 'vitest';
import { jobRequest, maxMetadataBytes, maxPromptCharacters } from './request.ts';
import { requestHash } from './request-hash.ts';

function problems(input: unknown): string[] {
  const parsed = jobRequest.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join('/'));
}

describe('a job request', () => {
  test('needs no more than a prompt, and what is left out is null', () => {
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

  test('treats null as left out', () => {
    const nulls = { model: null, fallback: null, metadata: null, custom_prompt_id: null };
    expect(jobRequest.parse({ prompt: 'a fox', ...nulls })).toEqual(jobRequest.parse({ prompt: 'a fox' }));
  });

  test.each([
    ['no prompt at all', {}, 'prompt'],
    ['a blank prompt', { prompt: ' \n' }, 'prompt'],
    ['a prompt that is no string', { prompt: 7 }, 'prompt'],
    ['a prompt that is too long', { prompt: 'x'.repeat(maxPromptCharacters + 1) }, 'prompt'],
    ['a prompt Postgres cannot hold', { prompt: 'a\0b' }, 'prompt'],
    ['half of a surrogate pair', { prompt: 'a\ud800b' }, 'prompt'],
    ['both kinds of prompt', { prompt: 'a', custom_prompt_id: crypto.randomUUID() }, 'custom_prompt_id'],
    ['a prompt id that is no UUID', { custom_prompt_id: '7' }, 'custom_prompt_id'],
    [
      'two input images',
      { prompt: 'a', input_image_key: 'k', reference_image_base64: 'AA==' },
      'reference_image_base64',
    ],
    ['a ratio that is none', { prompt: 'a', aspect_ratio: 'wide' }, 'aspect_ratio'],
    ['a size that is none', { prompt: 'a', image_size: 'big' }, 'image_size'],
    ['metadata that is a list', { prompt: 'a', metadata: [] }, 'metadata'],
    [
      'metadata that is too large',
      { prompt: 'a', metadata: { a: 'x'.repeat(maxMetadataBytes) } },
      'metadata',
    ],
    ['a webhook that is no URL', { prompt: 'a', webhook_url: 'x' }, 'webhook_url'],
    [
      'a webhook that is too long once written out',
      { prompt: 'a', webhook_url: `https://x.com/${'ä'.repeat(1_000)}` },
      'webhook_url',
    ],
    ['events without a webhook', { prompt: 'a', webhook_events: ['job.failed'] }, 'webhook_events'],
    ['no event at all', { prompt: 'a', webhook_url: 'https://x.com', webhook_events: [] }, 'webhook_events'],
    [
      'an event that there is not',
      { prompt: 'a', webhook_url: 'https://x.com', webhook_events: ['job.lost'] },
      'webhook_events/0',
    ],
    ['metadata that Postgres cannot hold', { prompt: 'a', metadata: { a: ['\0'] } }, 'metadata'],
  ])('is refused with %s', (_, input, path) => {
    expect(problems(input)).toEqual([path]);
  });

  test('counts characters as Postgres does', () => {
    expect(problems({ prompt: '🦊'.repeat(maxPromptCharacters) })).toEqual([]);
    expect(problems({ prompt: '🦊'.repeat(maxPromptCharacters + 1) })).toEqual(['prompt']);
  });

  test('is refused with unknown fields, each by its name', () => {
    const parsed = jobRequest.safeParse({ prompt: 'a', promt: 'b', webhok_url: 'c' });
    expect(parsed.error?.issues).toMatchObject([
      { code: 'unrecognized_keys', keys: ['promt', 'webhok_url'] },
    ]);
  });

  test('is refused when jsonb would write its metadata out at length', () => {
    expect(problems({ prompt: 'a', metadata: { a: Array(9).fill(1e300) } })).toEqual(['metadata']);
    expect(problems({ prompt: 'a', metadata: { a: Array(1_000).fill(1) } })).toEqual(['metadata']);
    expect(problems({ prompt: 'a', metadata: { a: 'x'.repeat(2_000) } })).toEqual([]);
  });

  test('cannot overflow the stack, however deep the metadata', () => {
    const metadata = JSON.parse(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`);
    expect(problems({ prompt: 'a', metadata })).toEqual(['metadata']);
  });
});

describe('the hash of a request', () => {
  const hash = (input: object, image: string | null = null) => requestHash(jobRequest.parse(input), image);

  test('does not depend on the order of fields, nor on defaults that are spelled out', () => {
    expect(hash({ prompt: 'a', metadata: { x: 1, y: { p: 1, q: 2 } } })).toBe(
      hash({ metadata: { y: { q: 2, p: 1 }, x: 1 }, fallback: true, model: null, prompt: 'a' }),
    );
  });

  test('differs with everything that is asked for', () => {
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

  test('counts what a webhook tells, not how that is asked for', () => {
    const webhook_url = 'https://x.com/';
    expect(hash({ prompt: 'a', webhook_url: 'https://X.com' })).toBe(
      hash({ prompt: 'a', webhook_url, webhook_events: ['job.canceled', 'job.failed', 'job.completed'] }),
    );
    expect(hash({ prompt: 'a', webhook_url, webhook_events: ['job.failed', 'job.processing'] })).toBe(
      hash({ prompt: 'a', webhook_url, webhook_events: ['job.processing', 'job.failed', 'job.failed'] }),
    );
  });

  test('counts an inline image by its own hash, not by its encoding', () => {
    expect(hash({ prompt: 'a', reference_image_base64: 'AAAA' }, 'f00d')).toBe(
      hash({ prompt: 'a', reference_image_base64: 'data:image/png;base64,AAAA' }, 'f00d'),
    );
  });
});
