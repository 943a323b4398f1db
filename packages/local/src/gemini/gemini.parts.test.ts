import { createHash } from 'node:crypto';
import { ApiError, GoogleGenAI } from '@google/genai';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_MODELS } from './models.ts';
import { type LocalGemini, startGemini } from './start.ts';

const KEY = 'local-key';
const FLASH = 'gemini-nano-banana-2.1';
const PRO = 'gemini-3-pro-image';
const LITE = 'gemini-3.1-flash-lite-image';
let gemini: LocalGemini;

beforeAll(async () => {
  gemini = await startGemini({ apiKey: KEY });
});

afterAll(async () => {
  await gemini.stop();
  await gemini.stop();
});

describe('an unmodified client of Google', () => {
  it.each(['v1', 'v1beta'])('gets an image by %s', async (apiVersion) => {
    const answer = await client({ apiVersion }).models.generateContent({
      model: FLASH,
      contents: 'a fox by the sea',
    });
    const image = imageOf(answer);
    expect(await sharp(image.bytes).metadata()).toMatchObject({ format: 'png', width: 1024, height: 1024 });
    expect(image.mimeType).toBe('image/png');
    expect(answer.candidates?.[0]?.finishReason).toBe('STOP');
    expect(answer.modelVersion).toBe(FLASH);
    expect(answer.usageMetadata?.totalTokenCount).toBeGreaterThan(1290);
    expect(answer.responseId).toBeTruthy();
  });

  it('gets the requested size and ratio, and the type of the model', async () => {
    const wide = await paint({ model: PRO, aspectRatio: '16:9', imageSize: '2K' });
    expect(await sharp(wide.bytes).metadata()).toMatchObject({ format: 'jpeg', width: 2688, height: 1536 });
    expect(wide.mimeType).toBe('image/jpeg');
    const tall = await paint({ model: FLASH, aspectRatio: '1:8' });
    expect(await sharp(tall.bytes).metadata()).toMatchObject({ width: 352, height: 2816 });
  });

  it('gets the same image for the same prompt, and another one for another prompt', async () => {
    const [first, second, other] = [await paint({}), await paint({}), await paint({ prompt: 'a dog' })];
    expect(digest(first.bytes)).toBe(digest(second.bytes));
    expect(digest(first.bytes)).not.toBe(digest(other.bytes));
  });

  it('sees the image that it sent, with the ratio of that image', async () => {
    const red = await sharp({ create: { width: 320, height: 180, channels: 3, background: '#c81414' } })
      .png()
      .toBuffer();
    const image = { inlineData: { mimeType: 'image/png', data: red.toString('base64') } };
    const answer = await client().models.generateContent({
      model: FLASH,
      contents: [{ role: 'user', parts: [{ text: 'make it night' }, image] }],
      config: { responseModalities: ['IMAGE'], imageConfig: { imageSize: '1K' }, candidateCount: 1 },
    });
    const { bytes } = imageOf(answer);
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 1344, height: 768 });
    expect(await redPixels(bytes)).toBeGreaterThan(30_000);
    expect(
      await redPixels((await paint({ prompt: 'make it night', aspectRatio: '16:9' })).bytes),
    ).toBeLessThan(3000);
    expect(gemini.calls().at(-1)).toMatchObject({ model: FLASH, aborted: false, status: 200, images: 0 });
  });

  it('gets only text when it does not request an image', async () => {
    const config = { responseModalities: ['TEXT'] };
    const answer = await client().models.generateContent({ model: FLASH, contents: 'a fox', config });
    expect(answer.candidates?.[0]?.content?.parts).toEqual([{ text: 'An image of a fox.' }]);
  });

  it('finds the models', async () => {
    const names: (string | undefined)[] = [];
    for await (const model of await client().models.list()) names.push(model.name);
    expect(names).toEqual(DEFAULT_MODELS.map((model) => `models/${model.id}`));
    expect((await client().models.get({ model: PRO })).name).toBe(`models/${PRO}`);
    await expect(client().models.get({ model: 'gemini-2.5-flash-image' })).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('a call that Google would refuse', () => {
  it('has a wrong key', async () => {
    const error = await refusal(
      client({ apiKey: 'wrong' }).models.generateContent({ model: FLASH, contents: 'a' }),
    );
    expect(error).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
    expect(error.details).toContainEqual(expect.objectContaining({ reason: 'API_KEY_INVALID' }));
    expect((await fetch(`${gemini.url}/v1/models`)).status).toBe(403);
  });

  it.each([
    ['an unknown model', { model: 'gemini-2.5-flash-image' }, 'NOT_FOUND'],
    ['a size that its model has not', { model: LITE, imageSize: '2K' }, 'INVALID_ARGUMENT'],
    ['a ratio that its model has not', { model: PRO, aspectRatio: '1:8' }, 'INVALID_ARGUMENT'],
    ['a size in small letters', { imageSize: '1k' }, 'INVALID_ARGUMENT'],
  ])('names %s', async (_, order, status) => {
    expect(await refusal(paint(order))).toMatchObject({ status });
  });

  it.each([
    ['broken JSON', '{'],
    ['nothing', '{"contents":[]}'],
    [
      'fields that the API does not know',
      '{"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"imageConfig":{"outputMimeType":"image/png"}}}',
    ],
    [
      'an image that does not decode',
      `{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"${Buffer.from('no image').toString('base64')}"}}]}]}`,
    ],
    [
      'an image that is no base64',
      '{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"%%%"}}]}]}',
    ],
    [
      'an image of a type that is not taken',
      '{"contents":[{"parts":[{"inlineData":{"mimeType":"image/gif","data":"R0lG"}}]}]}',
    ],
  ])('holds %s', async (_, body) => {
    const answer = await post(`/v1beta/models/${FLASH}:generateContent`, body);
    expect([answer.status, ((await answer.json()) as { error: { status: string } }).error.status]).toEqual([
      400,
      'INVALID_ARGUMENT',
    ]);
  });
});

it('takes bodies of 30 MB', async () => {
  const noise = Buffer.alloc(22_000_000, 7);
  const raw = { width: 5000, height: 1100, channels: 4 as const };
  const data = (
    await sharp(noise.subarray(0, 5000 * 1100 * 4), { raw })
      .png({ compressionLevel: 0 })
      .toBuffer()
  ).toString('base64');
  const contents = [
    { role: 'user', parts: [{ text: 'this' }, { inlineData: { mimeType: 'image/png', data } }] },
  ];
  const answer = await client().models.generateContent({ model: LITE, contents });
  expect(imageOf(answer).bytes.length).toBeGreaterThan(100_000);
});

describe('under load', () => {
  it('a quick painter returns different images of the real size at almost no cost', async () => {
    const quick = await startGemini({ apiKey: KEY, quick: true });
    const ai = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: quick.url } });
    const one = async (contents: string, model: string) =>
      imageOf(await ai.models.generateContent({ model, contents })).bytes;
    await Promise.all([one('warm', FLASH), one('warm', PRO)]);
    const before = process.cpuUsage();
    const images = await Promise.all(
      Array.from({ length: 30 }, (_, n) => one(`image ${n}`, n % 2 ? FLASH : PRO)),
    );
    const cpu = process.cpuUsage(before);
    expect(new Set(images.map(digest)).size).toBe(30);
    for (const bytes of images.slice(0, 2)) {
      const { info } = await sharp(bytes, { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true });
      expect(info).toMatchObject({ width: 1024, height: 1024 });
      expect(bytes.length).toBeGreaterThan(200_000);
    }
    expect((cpu.user + cpu.system) / 1000 / 30).toBeLessThan(150);
    await quick.stop();
  });

  it('calls have a delay from the range', async () => {
    const slow = await startGemini({
      apiKey: KEY,
      quick: true,
      latencyMs: { min: 100, max: 300 },
      random: () => 0.5,
    });
    const ai = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: slow.url } });
    await ai.models.generateContent({ model: LITE, contents: 'a' });
    const [call] = slow.calls();
    expect(call!.endedAt! - call!.at).toBeGreaterThanOrEqual(199);
    await slow.stop();
  });
});

function client(more: { apiKey?: string; apiVersion?: string } = {}): GoogleGenAI {
  return new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: gemini.url }, ...more });
}

async function paint(order: { prompt?: string; model?: string; aspectRatio?: string; imageSize?: string }) {
  const { prompt = 'a cat', model = FLASH, aspectRatio, imageSize } = order;
  const config = { responseModalities: ['IMAGE'], imageConfig: { aspectRatio, imageSize } };
  return imageOf(await client().models.generateContent({ model, contents: prompt, config }));
}

interface Answer {
  candidates?: { content?: { parts?: { inlineData?: { mimeType?: string; data?: string } }[] } }[];
}

function imageOf(answer: Answer): { mimeType: string; bytes: Buffer } {
  const data = answer.candidates?.[0]?.content?.parts?.at(-1)?.inlineData;
  return { mimeType: data?.mimeType ?? '', bytes: Buffer.from(data?.data ?? '', 'base64') };
}

async function refusal(
  call: Promise<unknown>,
): Promise<{ code: number; status: string; details?: object[] }> {
  const error = await call.catch((one: unknown) => one);
  expect(error).toBeInstanceOf(ApiError);
  return JSON.parse((error as ApiError).message).error;
}

function post(path: string, body: string): Promise<Response> {
  return fetch(gemini.url + path, { method: 'POST', body, headers: { 'x-goog-api-key': KEY } });
}

async function redPixels(bytes: Buffer): Promise<number> {
  const { data } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let count = 0;
  for (let at = 0; at < data.length; at += 3) {
    if (data[at]! > 130 && data[at + 1]! < 70 && data[at + 2]! < 70) count += 1;
  }
  return count;
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
