import { describe, expect, test } from 'vitest';
import { createGemini } from './gemini.ts';
import type { ImageRequest } from './model.ts';

const request: ImageRequest = {
  model: 'gemini-x',
  prompt: 'a lighthouse',
  aspectRatio: null,
  imageSize: null,
  inputImage: null,
};
const oneImage = {
  candidates: [
    {
      finishReason: 'STOP',
      content: {
        parts: [{ inlineData: { mimeType: 'image/png', data: Buffer.from('pic').toString('base64') } }],
      },
    },
  ],
};
const inTime = { timeoutMs: 5_000, signal: new AbortController().signal };

function answering(body: unknown, init?: ResponseInit) {
  const sent: { url: string; headers: Headers; body: Record<string, unknown> }[] = [];
  const fetch = async (url: string | URL | Request, options?: RequestInit) => {
    const headers = new Headers(options?.headers);
    sent.push({ url: String(url), headers, body: JSON.parse(String(options?.body)) });
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return new Response(text, { headers: { 'content-type': 'application/json' }, ...init });
  };
  return { sent, model: createGemini({ apiKey: 'key', baseUrl: 'http://gemini.test', fetch }) };
}

/** A service that never answers and ignores an abort. */
const silent = () => createGemini({ apiKey: 'key', fetch: () => new Promise<Response>(() => {}) });

describe('the request', () => {
  test('contains the unchanged prompt and requests only an image', async () => {
    const { sent, model } = answering(oneImage);
    expect(await model.generate(request, inTime)).toEqual({
      ok: true,
      image: { bytes: Buffer.from('pic'), mimeType: 'image/png' },
    });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.url).toBe('http://gemini.test/v1beta/models/gemini-x:generateContent');
    expect(sent[0]?.headers.get('x-goog-api-key')).toBe('key');
    expect(sent[0]?.headers.get('x-server-timeout')).toBe('5');
    expect(sent[0]?.body).toEqual({
      contents: [{ role: 'user', parts: [{ text: 'a lighthouse' }] }],
      generationConfig: { responseModalities: ['IMAGE'] },
    });
  });

  test('contains the size, the ratio and the input image if present', async () => {
    const { sent, model } = answering(oneImage);
    const inputImage = { bytes: Buffer.from('input'), mimeType: 'image/jpeg' };
    await model.generate({ ...request, aspectRatio: '16:9', imageSize: '2K', inputImage }, inTime);
    const data = Buffer.from('input').toString('base64');
    expect(sent[0]?.body).toEqual({
      contents: [
        { role: 'user', parts: [{ text: 'a lighthouse' }, { inlineData: { mimeType: 'image/jpeg', data } }] },
      ],
      generationConfig: {
        responseModalities: ['IMAGE'],
        imageConfig: { aspectRatio: '16:9', imageSize: '2K' },
      },
    });
  });

  test.each([
    ['a 503', { error: { status: 'UNAVAILABLE' } }, 503],
    ['a spent quota', { error: { status: 'RESOURCE_EXHAUSTED' } }, 429],
    ['an answer to be continued', { candidates: [{ finishReason: 'CONTINUATION' }] }, 200],
  ])('is sent once, also after %s', async (_, body, status) => {
    const { sent, model } = answering(body, { status });
    expect(await model.generate(request, inTime)).toMatchObject({ ok: false });
    expect(sent).toHaveLength(1);
  });
});

describe('the answer', () => {
  const rows: [string, unknown, ResponseInit, string][] = [
    ['to an error of the API', { error: { status: 'NOT_FOUND' } }, { status: 404 }, 'model_unavailable'],
    [
      'to an HTML page of a proxy',
      '<html>',
      { status: 502, headers: { 'content-type': 'text/html' } },
      'provider_unavailable',
    ],
    [
      'to a 400 of a proxy',
      '<html>',
      { status: 400, statusText: 'Bad Request', headers: { 'content-type': 'text/html' } },
      'provider_unavailable',
    ],
    ['to an error with a broken body', '{"error":', { status: 503 }, 'provider_unavailable'],
    ['to a truncated response', '{"candidates":[', {}, 'provider_unavailable'],
    ['to an empty response', '', {}, 'provider_unavailable'],
    ['to a response without content', {}, {}, 'no_image'],
  ];
  test.each(rows)('%s is a failure, not an exception', async (_, body, init, code) => {
    const answer = await answering(body, init).model.generate(request, inTime);
    expect(answer).toMatchObject({ ok: false, failure: { code } });
  });

  test('to a broken connection is a failure that is not a timeout', async () => {
    const fetch = () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } }));
    const answer = await createGemini({ apiKey: 'key', fetch }).generate(request, inTime);
    expect(answer).toEqual({
      ok: false,
      failure: { code: 'provider_unavailable', cause: 'TypeError: fetch failed (ECONNRESET)' },
    });
  });

  test('to silence is a timeout, even when the abort is ignored', async () => {
    const answer = await silent().generate(request, { ...inTime, timeoutMs: 20 });
    expect(answer).toMatchObject({ ok: false, failure: { code: 'provider_unavailable', timedOut: true } });
  });

  test('to a body that never ends is a timeout', async () => {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('{')) });
    const fetch = async () => new Response(body, { headers: { 'content-type': 'application/json' } });
    const model = createGemini({ apiKey: 'key', fetch });
    const answer = await model.generate(request, { ...inTime, timeoutMs: 20 });
    expect(answer).toMatchObject({ ok: false, failure: { timedOut: true } });
  });

  test("to the caller's abort is its reason, thrown before and during the call", async () => {
    const caller = new AbortController();
    const call = silent().generate(request, { timeoutMs: 5_000, signal: caller.signal });
    const reason = new Error('the job was canceled');
    caller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(silent().generate(request, { timeoutMs: 5_000, signal: caller.signal })).rejects.toBe(
      reason,
    );
  });
});
