import { randomUUID } from 'node:crypto';
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { createR2 } from '@darkroom/core/storage/r2';
import type { Storage } from '@darkroom/core/storage/storage';
import { openDatabase } from '@darkroom/db/open';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOrphanScan } from '../../apps/worker/src/maintenance/removal/orphans.ts';
import { type DeploymentUser, useSharedDeployment } from '../support/deployment.ts';

const deployment = useSharedDeployment();
let ada: DeploymentUser;
let boris: DeploymentUser;
let storage: Storage;

beforeAll(async () => {
  [ada, boris] = [await deployment.user('ada', { credits: 200 }), await deployment.user('boris')];
  const { variables } = deployment.stack;
  storage = createR2({
    endpoint: variables.R2_ENDPOINT!,
    accessKeyId: variables.R2_ACCESS_KEY_ID!,
    secretAccessKey: variables.R2_SECRET_ACCESS_KEY!,
    bucket: variables.R2_BUCKET_NAME!,
    publicUrl: variables.R2_PUBLIC_URL!,
  });
}, 120_000);
afterAll(async () => {
  storage.close();
}, 120_000);

/** As an app does it: asks for a place, and puts the bytes there. */
async function upload(
  user: DeploymentUser,
  bytes: Buffer,
  type = 'image/png',
  changes: Record<string, string> = {},
) {
  const { status, body } = await user.post('/v1/uploads', {
    content_type: type,
    content_length: bytes.length,
  });
  expect(status).toBe(201);
  const put = await fetch(body.url, {
    method: body.method,
    headers: { ...body.headers, ...changes },
    body: new Uint8Array(bytes),
  });
  await put.arrayBuffer();
  return { key: body.key as string, status: put.status };
}

const image = (format: 'png' | 'jpeg' | 'webp', side = 64) =>
  sharp({ create: { width: side, height: side, channels: 3, background: '#c63' } })
    [format]()
    .toBuffer();
const callsFor = (prompt: string) => deployment.gemini.calls().filter((call) => call.prompt.includes(prompt));

describe('an image that was uploaded', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('as %s is what the job starts from', async (format) => {
    const { key, status } = await upload(ada, await image(format), `image/${format}`);
    expect(status).toBe(200);
    expect(key).toMatch(new RegExp(`^users/${ada.id}/uploads/`));
    const job = await ada.submit({ prompt: `from ${format}`, input_image_key: key });
    expect((await ada.ended(job.id)).job).toMatchObject({ status: 'completed', input_image_key: key });
    expect(callsFor(`from ${format}`)).toHaveLength(1);
  });

  it('can be stored only with the announced type and length', async () => {
    const bytes = await image('png');
    expect((await upload(ada, bytes, 'image/png', { 'content-type': 'text/html' })).status).toBe(403);
    const { body } = await ada.post('/v1/uploads', { content_type: 'image/png', content_length: 10 });
    const put = await fetch(body.url, { method: 'PUT', headers: body.headers, body: bytes });
    expect(put.status).toBe(403);
    const reply = await ada.post('/v1/jobs', { prompt: 'nothing there', input_image_key: body.key });
    expect(reply).toMatchObject({ status: 422, body: { errors: [{ path: 'input_image_key' }] } });
  });

  it('is its owner’s alone', async () => {
    const { key } = await upload(ada, await image('png'));
    for (const name of [key, `users/${boris.id}/../${ada.id}/uploads/x.png`, `/${key}`]) {
      const reply = await boris.post('/v1/jobs', { prompt: 'mine', input_image_key: name });
      expect(reply.status).toBe(422);
    }
  });

  it('is refused before a job is made when its content is no image', async () => {
    const key = `users/${ada.id}/uploads/${randomUUID()}.png`;
    await storage.put(key, { bytes: Buffer.from('<html>'), mimeType: 'text/html' });
    const before = await ada.credits();
    const reply = await ada.post('/v1/jobs', { prompt: 'html', input_image_key: key });
    expect(reply).toMatchObject({ status: 422, body: { code: 'invalid_request' } });
    expect(await ada.credits()).toBe(before);
  });
});

describe('a file that is no image, or is malicious', () => {
  const files: [string, () => Buffer | Promise<Buffer>, string][] = [
    ['a zip named png', () => zip('hello.txt', 'hello'), 'image/png'],
    [
      'an SVG',
      () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
      'image/png',
    ],
    ['a PNG of 30000 by 30000 pixels', () => bomb(30_000), 'image/png'],
    ['a truncated JPEG', async () => (await noise()).subarray(0, 20_000), 'image/jpeg'],
    [
      'a page of HTML behind the first bytes of a PNG',
      () => Buffer.from('89504e470d0a1a0a3c68746d6c3e', 'hex'),
      'image/png',
    ],
  ];

  it.each(files)(
    '%s is refused with the credits back, and the model is never asked',
    async (name, make, type) => {
      const bytes = await make();
      const before = await ada.credits();
      const { key, status } = await upload(ada, bytes, type);
      expect(status).toBe(200);
      const { job } = await ada.ended(
        (await ada.submit({ prompt: `trap: ${name}`, input_image_key: key })).id,
      );
      expect(job).toMatchObject({ status: 'failed', error_code: 'invalid_input_image', receipt: { net: 0 } });
      expect(await ada.credits()).toBe(before);
      expect(callsFor(`trap: ${name}`)).toEqual([]);
    },
  );
});

it('objects that no row names are removed after a day, and no others', async () => {
  const unused = (await upload(ada, await image('png'))).key;
  const used = (await upload(ada, await image('png'))).key;
  const saved = (await upload(ada, await image('png'))).key;
  await ada.post('/v1/prompts', { prompt_text: 'a', thumbnail_key: saved });
  const { job } = await ada.ended((await ada.submit({ prompt: 'keeps its own', input_image_key: used })).id);
  const running = await ada.submit({ prompt: 'still at it [latency: 20s]' });
  await ada.until(running.id, ({ stage }) => stage === 'generating');

  const attempt = (jobId: string) => `users/${ada.id}/jobs/${jobId}/1-lost.png`;
  const foreign = `users/${ada.id}/avatar.png`;
  for (const key of [attempt(job.id), attempt(running.id), foreign]) {
    await storage.put(key, { bytes: Buffer.from('x'), mimeType: 'image/png' });
  }
  const own = (
    await deployment.query('select object_key, thumbnail_key from generated_images where job_id = $1', [
      job.id,
    ])
  )[0]!;
  const kept = [used, saved, attempt(running.id), foreign, own.object_key, own.thumbnail_key];

  const { SUPABASE_URL, SUPABASE_SECRET_KEY } = deployment.stack.variables;
  const turn = (ageMs: number) =>
    createOrphanScan({
      db: openDatabase({ supabaseUrl: SUPABASE_URL!, secretKey: SUPABASE_SECRET_KEY! }),
      storage: { delete: storage.delete, list: older(storage, ageMs) },
      log: createRecordedLog(),
      signal: new AbortController().signal,
    })(null);
  const hours = 3_600_000;

  await turn(23 * hours);
  expect(await storage.head(unused)).not.toBeNull();
  await turn(25 * hours);
  for (const key of [unused, attempt(job.id)]) expect(await storage.head(key), key).toBeNull();
  for (const key of kept) expect(await storage.head(key), key).not.toBeNull();
  await ada.post(`/v1/jobs/${running.id}/cancel`);
});

/** A store in which every object was written so much earlier. */
function older({ list }: Storage, ms: number): Storage['list'] {
  return async (prefix, options) => {
    const { objects, next } = await list(prefix, options);
    return {
      next,
      objects: objects.map((one) => ({ ...one, modifiedAt: new Date(one.modifiedAt.getTime() - ms) })),
    };
  };
}

/** Far from compressible, so that half of it lacks rows. */
async function noise(): Promise<Buffer> {
  const raw = Buffer.from(
    Array.from({ length: 300 * 300 * 3 }, (_, at) => (at * 7_919 + (at >> 3) * 104_729) % 256),
  );
  return sharp(raw, { raw: { width: 300, height: 300, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** A valid PNG of one bit a pixel: a few kilobytes that decode to gigabytes. */
function bomb(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const rows = deflateSync(Buffer.alloc((Math.ceil(side / 8) + 1) * side), { level: 1 });
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(type), data]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function zip(name: string, text: string): Buffer {
  const data = deflateRawSync(Buffer.from(text));
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(8, 8);
  header.writeUInt32LE(crc32(Buffer.from(text)), 14);
  header.writeUInt32LE(data.length, 18);
  header.writeUInt32LE(text.length, 22);
  header.writeUInt16LE(name.length, 26);
  return Buffer.concat([header, Buffer.from(name), data]);
}
