import { once } from 'node:events';
import { connect } from 'node:net';
import { ApiError, GoogleGenAI } from '@google/genai';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from './faults.ts';
import { type LocalGemini, startGemini } from './start.ts';

const KEY = 'local-key';
const FLASH = 'gemini-nano-banana-2.1';
const PRO = 'gemini-3-pro-image';
let gemini: LocalGemini;

beforeAll(async () => {
  gemini = await startGemini({ apiKey: KEY, quick: true });
});

afterEach(() => gemini.faults.clear());

afterAll(() => gemini.stop());

describe('faults that refuse', () => {
  it.each<[Fault, number, string]>([
    [{ kind: 'not_found' }, 404, 'NOT_FOUND'],
    [{ kind: 'rate_limited' }, 429, 'RESOURCE_EXHAUSTED'],
    [{ kind: 'internal' }, 500, 'INTERNAL'],
    [{ kind: 'unavailable' }, 503, 'UNAVAILABLE'],
    [{ kind: 'deadline' }, 504, 'DEADLINE_EXCEEDED'],
    [{ kind: 'invalid_argument' }, 400, 'INVALID_ARGUMENT'],
    [{ kind: 'api_key_invalid' }, 400, 'INVALID_ARGUMENT'],
    [{ kind: 'failed_precondition' }, 400, 'FAILED_PRECONDITION'],
    [{ kind: 'permission_denied' }, 403, 'PERMISSION_DENIED'],
    [{ kind: 'unauthenticated' }, 401, 'UNAUTHENTICATED'],
  ])('%j is %i %s', async (fault, code, status) => {
    expect(await refusalOf(fault)).toMatchObject({ code, status });
  });

  it('a rate limit names the quota and the retry delay', async () => {
    const { details } = await refusalOf({ kind: 'rate_limited', retryDelayMs: 7500, perDay: true });
    expect(details).toContainEqual(expect.objectContaining({ retryDelay: '7.5s' }));
    expect(JSON.stringify(details)).toContain('GenerateRequestsPerDayPerProjectPerModel');
    expect(await refusalOf({ kind: 'rate_limited', retryDelayMs: null })).not.toHaveProperty('details');
  });

  it('a proxy answers in HTML', async () => {
    gemini.faults.add({ fault: { kind: 'bad_gateway_html' } });
    await expect(ask()).rejects.toMatchObject({
      name: 'ApiError',
      status: 502,
      message: expect.stringContaining('<html>'),
    });
  });
});

describe('faults within a 200', () => {
  it('a blocked prompt has a reason and no candidates', async () => {
    const answer = await askWith({ kind: 'blocked', reason: 'IMAGE_SAFETY' });
    expect(answer.promptFeedback?.blockReason).toBe('IMAGE_SAFETY');
    expect(answer.candidates).toBeUndefined();
  });

  it('a candidate can end without an image', async () => {
    const answer = await askWith({ kind: 'finish', reason: 'NO_IMAGE' });
    expect(answer.candidates?.[0]?.finishReason).toBe('NO_IMAGE');
    expect(answer.candidates?.[0]?.content?.parts).toBeUndefined();
    const words = await askWith({ kind: 'text_only' });
    expect(words.candidates?.[0]?.content?.parts).toEqual([{ text: expect.any(String) }]);
    expect((await askWith({ kind: 'no_candidates' })).candidates).toBeUndefined();
  });

  it('the image comes after a draft among the thoughts, or never', async () => {
    const thoughtful = (await askWith({ kind: 'thought_parts' })).candidates![0]!.content!.parts!;
    expect(thoughtful.map((part) => [part.thought === true, part.inlineData !== undefined])).toEqual([
      [true, false],
      [true, true],
      [false, false],
      [false, true],
    ]);
    expect(await format(thoughtful[1]?.inlineData?.data)).toMatchObject({ width: 16 });
    expect(await format(thoughtful[3]?.inlineData?.data)).toMatchObject({ width: 1024 });
    const lost = (await askWith({ kind: 'only_thoughts' })).candidates![0]!.content!.parts!;
    expect(lost.every((part) => part.thought)).toBe(true);
  });

  it('the bytes are truncated, not an image, or of another type than stated', async () => {
    const bytesOf = async (fault: Fault) =>
      (await askWith(fault)).candidates![0]!.content!.parts!.at(-1)!.inlineData!;
    const cut = await bytesOf({ kind: 'truncated' });
    await expect(sharp(Buffer.from(cut.data!, 'base64')).raw().toBuffer()).rejects.toThrow();
    await expect(format((await bytesOf({ kind: 'not_an_image' })).data)).rejects.toThrow();
    const wrong = await bytesOf({ kind: 'wrong_mime' });
    expect([wrong.mimeType, (await format(wrong.data)).format]).toEqual(['image/png', 'jpeg']);
  });

  it('the body is empty, or ends in the middle', async () => {
    gemini.faults.add({ fault: { kind: 'empty_body' }, times: 1 });
    await expect(ask()).rejects.toThrow(SyntaxError);
    gemini.faults.add({ fault: { kind: 'broken_json' }, times: 1 });
    await expect(ask()).rejects.toThrow(SyntaxError);
  });
});

describe('faults of the connection', () => {
  it('it is cut', async () => {
    gemini.faults.add({ fault: { kind: 'reset' } });
    await expect(ask()).rejects.toThrow('fetch failed');
    await expect
      .poll(() => gemini.calls().at(-1))
      .toMatchObject({ aborted: true, status: null, faults: ['reset'] });
  });

  it.each<Fault>([{ kind: 'hang' }, { kind: 'drip', intervalMs: 10 }])(
    '%j lasts until the client gives up',
    async (fault) => {
      gemini.faults.add({ fault });
      await expect(ask({ timeout: 120 })).rejects.toMatchObject({ name: 'AbortError' });
      await expect.poll(() => gemini.calls().at(-1)).toMatchObject({ aborted: true, faults: [fault.kind] });
    },
  );

  it('a client that disconnects ends the call', async () => {
    gemini.faults.add({ fault: { kind: 'latency', ms: 60_000 } });
    await expect(ask({ timeout: 100 })).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(() => gemini.calls().at(-1)?.aborted).toBe(true);
    const call = gemini.calls().at(-1)!;
    expect(call.endedAt! - call.at).toBeLessThan(5000);
    expect(call.status).toBeNull();
  });

  it('stopping the server ends what hangs', async () => {
    const other = await startGemini({ apiKey: KEY });
    other.faults.add({ fault: { kind: 'hang' } });
    const body = '{"contents":[{"parts":[{"text":"a"}]}]}';
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
    socket.write(
      `POST /v1/models/${FLASH}:generateContent HTTP/1.1\r\nhost: x\r\nx-goog-api-key: ${KEY}\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    await expect.poll(() => other.calls().at(-1)?.faults).toEqual(['hang']);
    await Promise.all([once(socket, 'close'), other.stop()]);
  });
});

describe('rules', () => {
  it('apply to the model and the prompts that they name, a number of times, in order', async () => {
    gemini.faults.add({ model: FLASH, match: 'fox', times: 2, fault: { kind: 'unavailable' } });
    gemini.faults.add({ match: 'fox', times: 1, fault: { kind: 'internal' } });
    const statuses = async (...asked: [string, string][]) => {
      const seen: number[] = [];
      for (const [contents, model] of asked) seen.push(await status({ contents, model }));
      return seen;
    };
    const fox: [string, string] = ['a fox', FLASH];
    expect(await statuses(['a cat', FLASH], fox, ['a fox', PRO], fox, fox)).toEqual([
      200, 503, 500, 503, 200,
    ]);
  });

  it('can be set by another process that knows the key', async () => {
    const send = (method: string, path: string, body?: object, key = KEY) =>
      fetch(gemini.url + path, {
        method,
        headers: { 'x-goog-api-key': key },
        body: body && JSON.stringify(body),
      });
    expect((await send('POST', '/faults', { fault: { kind: 'internal' } }, 'wrong')).status).toBe(400);
    expect((await send('POST', '/faults', { fault: { kind: 'explode' } })).status).toBe(400);
    expect((await send('POST', '/faults', { fault: { kind: 'internal' }, times: 5 })).status).toBe(200);
    expect(await status({})).toBe(500);
    expect(await (await send('GET', '/faults')).json()).toEqual({
      faults: [{ fault: { kind: 'internal' }, times: 4 }],
    });
    const { calls } = (await (await send('GET', '/calls')).json()) as { calls: object[] };
    expect(calls.at(-1)).toMatchObject({ model: FLASH, prompt: 'a fox', status: 500, faults: ['internal'] });
    await send('DELETE', '/faults');
    await send('DELETE', '/calls');
    expect([gemini.faults.list(), gemini.calls()]).toEqual([[], []]);
  });
});

describe('directives in a prompt', () => {
  it('make a call fail, for one model or a number of times', async () => {
    expect(await status({ contents: 'a fox [fault: 503]' })).toBe(503);
    expect(await status({ contents: `a fox [fault: 404 ${FLASH}]`, model: PRO })).toBe(200);
    expect(await status({ contents: `a fox [fault: 404 ${FLASH}]` })).toBe(404);
    const twice = 'a bear [fault: rate_limited 2s x2]';
    expect([
      await status({ contents: twice }),
      await status({ contents: twice }),
      await status({ contents: twice }),
    ]).toEqual([429, 429, 200]);
  });

  it('give the reason for a missing image', async () => {
    const blocked = await ask({ contents: 'a fox [fault: blocked]' });
    expect(blocked.promptFeedback?.blockReason).toBe('PROHIBITED_CONTENT');
    const ended = await ask({ contents: 'a fox [fault: finish IMAGE_SAFETY]' });
    expect(ended.candidates?.[0]?.finishReason).toBe('IMAGE_SAFETY');
  });

  it('delay the answer', async () => {
    await ask({ contents: 'a fox [latency: 250ms]' });
    const call = gemini.calls().at(-1)!;
    expect(call.endedAt! - call.at).toBeGreaterThanOrEqual(249);
  });

  it('that are unknown are refused', async () => {
    await expect(ask({ contents: 'a fox [fault: gremlins]' })).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('gremlins'),
    });
  });
});

interface Ask {
  contents?: string;
  model?: string;
  timeout?: number;
}

function ask({ contents = 'a fox', model = FLASH, timeout }: Ask = {}) {
  const ai = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: gemini.url } });
  return ai.models.generateContent({ model, contents, config: { httpOptions: { timeout } } });
}

function askWith(fault: Fault) {
  gemini.faults.add({ fault, times: 1 });
  return ask();
}

async function status(order: Ask): Promise<number> {
  return await ask(order).then(
    () => 200,
    (error: ApiError) => error.status,
  );
}

async function refusalOf(fault: Fault): Promise<{ code: number; status: string; details?: object[] }> {
  const error = await askWith(fault).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(ApiError);
  return JSON.parse((error as ApiError).message).error;
}

function format(data: string | undefined) {
  return sharp(Buffer.from(data ?? '', 'base64')).metadata();
}
