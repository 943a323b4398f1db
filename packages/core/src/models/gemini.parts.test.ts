import type { Fault } from '@darkroom/local/gemini/faults';
import { DEFAULT_MODELS } from '@darkroom/local/gemini/models';
import { type LocalGemini, startGemini } from '@darkroom/local/gemini/start';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { inspectAndThumbnail, outputLimits } from '../image/inspect.ts';
import { recognizeImage } from '../image/recognize.ts';
import type { FailureCode } from '../job/failure.ts';
import { type Breakers, createBreakers } from './breaker.ts';
import { abilitiesOf, canMake } from './catalog.ts';
import { type ChainRequest, type ChainRun, renderWithChain } from './chain.ts';
import { createGemini, type GeminiOptions } from './gemini.ts';

const [banana, pro, lite] = ['gemini-nano-banana-2.1', 'gemini-3-pro-image', 'gemini-3.1-flash-lite-image'];

let gemini: LocalGemini;
let breakers: Breakers;
beforeAll(async () => {
  gemini = await startGemini({ apiKey: 'key', quick: true });
});
beforeEach(() => {
  gemini.faults.clear();
  breakers = createBreakers({ now: () => performance.now() });
});
afterAll(() => gemini.stop());

function render(
  changes: Partial<ChainRequest> = {},
  { run, ...options }: Partial<GeminiOptions> & { run?: Partial<ChainRun> } = {},
) {
  let call = 0;
  return renderWithChain(
    {
      model: createGemini({ apiKey: 'key', baseUrl: gemini.url, ...options }),
      breakers,
      now: () => performance.now(),
      inspect: (bytes) => inspectAndThumbnail(bytes, outputLimits),
    },
    {
      models: [banana, pro],
      prompt: 'a fox',
      aspectRatio: null,
      imageSize: null,
      inputImage: null,
      ...changes,
    },
    {
      signal: new AbortController().signal,
      deadlineAt: performance.now() + 60_000,
      modelTimeoutMs: 30_000,
      attempt: 1,
      beforeCall: async () => ({ call: ++call }),
      ...run,
    },
  );
}
const codesOf = (result: Awaited<ReturnType<typeof render>>) => result.calls.map(({ code }) => code);

test.each(['v1', 'v1beta'])('an image is returned with its thumbnail, over %s', async (apiVersion) => {
  const result = await render({ aspectRatio: '16:9', imageSize: '1K' }, { apiVersion });
  expect(result).toMatchObject({ ok: true, model: banana, image: { mimeType: 'image/png' } });
  if (!result.ok) return;
  expect(result.image.width / result.image.height).toBeCloseTo(16 / 9, 0);
  expect(result.image.thumbnail?.mimeType).toBe('image/webp');
});

test('an input image is accepted', async () => {
  const first = await render();
  if (!first.ok) throw new Error(first.failure.cause);
  expect(await render({ prompt: 'the same at night', inputImage: first.image })).toMatchObject({
    ok: true,
  });
});

describe('the next model serves after', () => {
  const rows: [Fault, FailureCode[]][] = [
    [{ kind: 'not_found' }, ['model_unavailable']],
    [{ kind: 'rate_limited' }, ['rate_limited']],
    [{ kind: 'internal' }, ['provider_unavailable', 'provider_unavailable']],
    [{ kind: 'unavailable' }, ['provider_unavailable', 'provider_unavailable']],
    [{ kind: 'deadline' }, ['provider_unavailable', 'provider_unavailable']],
    [{ kind: 'bad_gateway_html' }, ['provider_unavailable', 'provider_unavailable']],
    [{ kind: 'reset' }, ['provider_unavailable', 'provider_unavailable']],
    [{ kind: 'empty_body' }, ['provider_unavailable', 'provider_unavailable']],
    [{ kind: 'broken_json' }, ['provider_unavailable', 'provider_unavailable']],
    [{ kind: 'finish', reason: 'NO_IMAGE' }, ['no_image']],
    [{ kind: 'finish', reason: 'A_REASON_OF_TOMORROW' }, ['no_image']],
    [{ kind: 'text_only' }, ['no_image']],
    [{ kind: 'no_candidates' }, ['no_image']],
    [{ kind: 'only_thoughts' }, ['no_image']],
    [{ kind: 'truncated' }, ['bad_image']],
    [{ kind: 'not_an_image' }, ['bad_image']],
  ];
  test.each(rows)('%o', async (fault, codes) => {
    gemini.faults.add({ model: banana, fault });
    const result = await render();
    expect(result).toMatchObject({ ok: true, model: pro });
    expect(codesOf(result)).toEqual([...codes, 'ok']);
  });

  test.each<Fault>([{ kind: 'hang' }, { kind: 'drip', intervalMs: 20 }])(
    '%o, without a second call to the same model',
    async (fault) => {
      gemini.faults.add({ model: banana, fault });
      const result = await render({}, { run: { modelTimeoutMs: 1_500 } });
      expect(codesOf(result)).toEqual(['provider_unavailable', 'ok']);
    },
  );
});

test('a draft in the thoughts is not used as the image', async () => {
  gemini.faults.add({ fault: { kind: 'thought_parts' } });
  expect(await render()).toMatchObject({ ok: true, model: banana, image: { mimeType: 'image/png' } });
});

test('the type of an image is detected from its bytes, not from the response', async () => {
  gemini.faults.add({ fault: { kind: 'wrong_mime' } });
  const result = await render();
  if (!result.ok) throw new Error(result.failure.cause);
  expect(result.image.mimeType).toBe(recognizeImage(result.image.bytes));
});

describe('no other model is called after', () => {
  const rows: [Fault, FailureCode][] = [
    [{ kind: 'blocked' }, 'content_blocked'],
    [{ kind: 'finish', reason: 'IMAGE_SAFETY' }, 'content_blocked'],
    [{ kind: 'invalid_argument' }, 'invalid_request'],
    [{ kind: 'api_key_invalid' }, 'provider_misconfigured'],
    [{ kind: 'failed_precondition' }, 'provider_misconfigured'],
    [{ kind: 'permission_denied' }, 'provider_misconfigured'],
    [{ kind: 'unauthenticated' }, 'provider_misconfigured'],
  ];
  test.each(rows)('%o', async (fault, code) => {
    gemini.faults.add({ fault });
    const result = await render();
    expect(result).toMatchObject({ ok: false, failure: { code } });
    expect(codesOf(result)).toEqual([code]);
  });
});

test('when all models are limited, the delay is the shortest of them, and no model is called until then', async () => {
  gemini.faults.add({ model: banana, fault: { kind: 'rate_limited', perDay: true } });
  gemini.faults.add({ model: pro, fault: { kind: 'rate_limited', retryDelayMs: 34_070 } });
  expect(await render()).toMatchObject({ failure: { code: 'rate_limited', retryAfterMs: 34_070 } });
  const again = await render();
  expect(again).toMatchObject({ ok: false, calls: [], failure: { code: 'rate_limited' } });
  expect(!again.ok && again.failure.retryAfterMs).toBeGreaterThan(30_000);
});

test('when all models are missing, the failure is model_unavailable', async () => {
  gemini.faults.add({ fault: { kind: 'not_found' } });
  expect(await render()).toMatchObject({ ok: false, failure: { code: 'model_unavailable' } });
});

test('an abort closes the connection of the call', async () => {
  gemini.faults.add({ fault: { kind: 'hang' } });
  const abort = new AbortController();
  const before = gemini.calls().length;
  const call = render({}, { run: { signal: abort.signal } });
  await expect.poll(() => gemini.calls().length).toBe(before + 1);
  abort.abort(new Error('canceled'));
  await expect(call).rejects.toThrow('canceled');
  await expect.poll(() => gemini.calls().at(-1)?.aborted).toBe(true);
});

test('the catalog lists the sizes and ratios that the models have', () => {
  for (const { id, imageSizes, aspectRatios } of DEFAULT_MODELS) {
    expect(abilitiesOf(id).imageSizes).toEqual(imageSizes);
    expect(abilitiesOf(id).aspectRatios).toEqual(aspectRatios);
  }
  expect(canMake(lite, { aspectRatio: null, imageSize: '4K' })).toBe(false);
});
