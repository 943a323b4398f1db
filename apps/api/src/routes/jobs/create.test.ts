import type { Storage } from '@darkroom/core/storage/storage';
import { DatabaseUnavailable, DomainError } from '@darkroom/db/errors';
import sharp from 'sharp';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestApi } from '../../testing/test-api.ts';

let png: string;
let truncated: string;
beforeAll(async () => {
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 40 };
  const bytes = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red', noise } })
    .png()
    .toBuffer();
  png = bytes.toString('base64');
  truncated = bytes.subarray(0, bytes.length / 2).toString('base64');
});

describe('POST /v1/jobs', () => {
  test('an accepted job gets a 202 with Location and balance, and is enqueued and marked', async () => {
    const { post, delivered, marked, backfilled } = await createTestApi();
    const response = await post({ prompt: 'a fox' });
    const { job, credits } = await json(response);
    expect(response.status).toBe(202);
    expect(credits).toEqual({ balance: 4, charged: 1 });
    expect(job).toMatchObject({
      status: 'pending',
      prompt: 'a fox',
      model_requested: 'gemini-nano-banana-2.1',
    });
    expect(response.headers.get('Location')).toBe(`/v1/jobs/${job.id}`);
    expect(response.headers.get('Retry-After')).toBe('2');
    expect(delivered).toMatchObject([{ jobId: job.id, delivery: 1 }]);
    expect(marked).toEqual([{ jobId: job.id, delivery: 1 }]);
    expect(backfilled).toEqual(['user_alice']);
  });

  test('an unreachable queue does not fail the request, and nothing is marked as delivered', async () => {
    const { post, broken, marked, log } = await createTestApi();
    broken.queue = true;
    expect((await post({ prompt: 'a fox' })).status).toBe(202);
    expect(marked).toEqual([]);
    expect(log.told.map(({ name }) => name)).toContain('queue_unavailable');
  });

  test('the same key and input give the same job, for one debit, one upload and one delivery', async () => {
    const { post, db, objects, delivered } = await createTestApi();
    const body = { prompt: 'a fox', reference_image_base64: png };
    const first = await post(body, { 'Idempotency-Key': 'k1' });
    db.calls.length = 0;
    const second = await post(body, { 'Idempotency-Key': 'k1' });
    expect([first.status, second.status]).toEqual([202, 200]);
    expect(second.headers.get('Idempotent-Replayed')).toBe('true');
    expect(await json(second)).toEqual(await json(first));
    expect(db.calls).toEqual(['replayJob']);
    expect(objects.size).toBe(1);
    expect(delivered).toHaveLength(1);
  });

  test('large bodies beyond the memory limit wait, or get a 503 with Retry-After', async () => {
    const gate = Promise.withResolvers<void>();
    let storing = 0;
    const storage = {
      async put(key: string) {
        storing += 1;
        await gate.promise;
        return { url: key };
      },
    } as unknown as Storage;
    const { post } = await createTestApi({ storage, maxActiveJobs: 100, defaultCredits: 100 });
    const large = { 'Content-Length': '30000000' };
    const send = () => post({ prompt: 'a fox', reference_image_base64: png }, large);
    const taken = Array.from({ length: 20 }, send);
    await vi.waitFor(() => expect(storing).toBe(4), { timeout: 10_000 });
    const refused = await send();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('Retry-After')).toBe('5');
    expect((await post({ prompt: 'a small fox' })).status).toBe(202);
    expect(storing).toBe(4);
    gate.resolve();
    expect((await Promise.all(taken)).map(({ status }) => status)).toEqual(taken.map(() => 202));
  });

  test('a replay succeeds even if the credits are spent', async () => {
    const { post, db } = await createTestApi();
    await post({ prompt: 'a fox' }, { 'Idempotency-Key': 'k1' });
    db.users.get('user_alice')!.credits = 0;
    expect((await post({ prompt: 'a fox' }, { 'Idempotency-Key': 'k1' })).status).toBe(200);
    expect((await post({ prompt: 'a fox' }, { 'Idempotency-Key': 'k2' })).status).toBe(402);
  });

  test('the same key with another input is rejected', async () => {
    const { post } = await createTestApi();
    await post({ prompt: 'a fox' }, { 'Idempotency-Key': 'k1' });
    const response = await post({ prompt: 'a hare' }, { 'Idempotency-Key': 'k1' });
    expect(response.status).toBe(422);
    expect(await json(response)).toMatchObject({ code: 'idempotency_key_reused' });
  });

  test.each(['', 'ä', 'x'.repeat(256), 'a\tb'])('the key %j is rejected', async (key) => {
    const { post } = await createTestApi();
    const response = await post({ prompt: 'a fox' }, { 'Idempotency-Key': key });
    expect(response.status).toBe(422);
    expect(await paths(response)).toEqual(['Idempotency-Key']);
  });

  test('insufficient credits are reported with balance and price, and nothing is stored', async () => {
    const { post, objects, db } = await createTestApi({ defaultCredits: 1 });
    const body = { prompt: 'a fox', model: 'gemini-3-pro-image', reference_image_base64: png };
    const response = await post(body);
    expect(response.status).toBe(402);
    expect(await json(response)).toMatchObject({ code: 'insufficient_credits', balance: 1, price: 2 });
    expect(objects.size).toBe(0);
    expect(db.calls).not.toContain('createJob');
  });

  test('a dry run returns the price and creates nothing', async () => {
    const { post, objects, delivered, db } = await createTestApi();
    const body = {
      prompt: 'a fox',
      model: 'gemini-3-pro-image',
      image_size: '4K',
      reference_image_base64: png,
    };
    const response = await post(body, {}, '?dry_run=true');
    expect(response.status).toBe(200);
    expect(await json(response)).toEqual({ quote: { price: 4, balance: 5, model: 'gemini-3-pro-image' } });
    expect([objects.size, delivered.length, db.jobs.size]).toEqual([0, 0, 0]);
    expect((await post({ prompt: 'a fox' }, {}, '?dry_run=maybe')).status).toBe(422);
  });

  test('a dry run is rejected for the same reasons as a job', async () => {
    const { post } = await createTestApi();
    const refused = async (body: object) => paths(await post(body, {}, '?dry_run=true'));
    expect(await refused({ custom_prompt_id: crypto.randomUUID() })).toEqual(['custom_prompt_id']);
    expect(await refused({ prompt: 'a', reference_image_base64: truncated })).toEqual([
      'reference_image_base64',
    ]);
    expect(await refused({ prompt: 'a', input_image_key: 'users/user_alice/uploads/none.png' })).toEqual([
      'input_image_key',
    ]);
  });
});

describe('an input image', () => {
  test.each([
    ['base64', ''],
    ['a data: URL', 'data:image/png;base64,'],
    ['a data: URL with a wrong type', 'data:image/jpeg;charset=utf-8;base64,'],
  ])('sent as %s is stored with its real type under the user’s prefix', async (_, prefix) => {
    const { post, objects } = await createTestApi();
    const response = await post({ prompt: 'a fox', reference_image_base64: prefix + png });
    const { job } = await json(response);
    expect(response.status).toBe(202);
    expect(job.input_image_key).toMatch(/^users\/user_alice\/uploads\/[\w-]{36}\.png$/);
    expect(objects.get(job.input_image_key)?.toString('base64')).toBe(png);
  });

  test.each([
    ['not base64', '%%%%'],
    ['base64url', 'ab-_'],
    ['base64 without its padding', 'YWJjZA'],
    ['base64 with line breaks', 'YWJj\nZGVm\n'],
    ['a data: URL that is not base64', 'data:image/png,abc'],
    ['not an image', Buffer.from('not an image').toString('base64')],
  ])('is rejected if it is %s', async (_, text) => {
    const { post, objects, db } = await createTestApi();
    const response = await post({ prompt: 'a fox', reference_image_base64: text });
    expect(response.status).toBe(422);
    expect(await paths(response)).toEqual(['reference_image_base64']);
    expect(objects.size).toBe(0);
    expect(db.jobs.size).toBe(0);
  });

  test('is rejected if it is damaged or has too many pixels', async () => {
    const { post } = await createTestApi();
    const huge = await sharp({ create: { width: 8_000, height: 6_400, channels: 3, background: 'red' } })
      .png({ compressionLevel: 1 })
      .toBuffer();
    for (const reference_image_base64 of [truncated, huge.toString('base64')]) {
      const response = await post({ prompt: 'a fox', reference_image_base64 });
      expect(response.status).toBe(422);
      expect(await paths(response)).toEqual(['reference_image_base64']);
    }
  });

  test('of more than 20 MB is rejected, as is a body of more than 30 MB', async () => {
    const { post } = await createTestApi();
    for (const bytes of [20_000_001, 24_000_000]) {
      const response = await post({
        prompt: 'a',
        reference_image_base64: Buffer.alloc(bytes).toString('base64'),
      });
      expect(response.status).toBe(413);
      expect(await json(response)).toMatchObject({ code: 'payload_too_large' });
    }
  });

  test('can be an existing object of the user', async () => {
    const { post, objects } = await createTestApi();
    objects.set('users/user_alice/uploads/1.png', Buffer.from('x'));
    objects.set('users/user_bob/uploads/1.png', Buffer.from('x'));
    const named = (key: string) => post({ prompt: 'a fox', input_image_key: key });
    expect((await named('users/user_alice/uploads/1.png')).status).toBe(202);
    for (const key of [
      'users/user_alice/uploads/2.png',
      'users/user_bob/uploads/1.png',
      'users/user_alice/../user_bob/uploads/1.png',
    ]) {
      const response = await named(key);
      expect(response.status).toBe(422);
      expect(await paths(response)).toEqual(['input_image_key']);
    }
  });

  test('is deleted if the job is rejected, and kept if the outcome is unknown', async () => {
    const { post, objects, db } = await createTestApi();
    db.fail('createJob', new DatabaseUnavailable('unreachable'));
    expect((await post({ prompt: 'a', reference_image_base64: png })).status).toBe(503);
    expect(objects.size).toBe(1);
    db.fail('createJob', new DomainError('too_many_active_jobs', 'no', { limit: 10, active: 10 }));
    const response = await post({ prompt: 'a', reference_image_base64: png });
    expect(response.status).toBe(429);
    expect(response.headers.get('Retry-After')).toBe('5');
    expect(await json(response)).toMatchObject({ code: 'too_many_active_jobs', limit: 10 });
    expect(objects.size).toBe(1);
  });

  test('is deleted if a concurrent request with the same key was faster', async () => {
    const { post, objects, db, delivered } = await createTestApi();
    const body = { prompt: 'a', reference_image_base64: png };
    const [first, second] = await Promise.all([1, 2].map(() => post(body, { 'Idempotency-Key': 'k1' })));
    expect([first!.status, second!.status].sort()).toEqual([200, 202]);
    expect((await json(first!)).job.id).toBe((await json(second!)).job.id);
    expect(db.jobs.size).toBe(1);
    expect([...objects.keys()]).toEqual([...db.jobs.values()].map((job) => job.input_image_key));
    expect(new Set(delivered.map(({ jobId, delivery }) => `${jobId}-${delivery}`)).size).toBe(1);
  });

  test('that cannot be stored gets a 503 without the cause, and nothing is debited', async () => {
    const { post, broken, db } = await createTestApi();
    broken.storage = true;
    const response = await post({ prompt: 'a', reference_image_base64: png });
    expect(response.status).toBe(503);
    expect(await response.text()).not.toContain('secret');
    expect(db.jobs.size).toBe(0);
  });
});

describe('the model of a job', () => {
  test.each([
    ['an unknown model', { model: 'gemini-1' }, 'model'],
    ['a ratio that no model can make', { aspect_ratio: '7:5' }, 'aspect_ratio'],
    ['a size that no model can make', { image_size: '8K' }, 'image_size'],
    [
      'a size that the named model cannot make',
      { model: 'gemini-3.1-flash-lite-image', image_size: '4K' },
      'image_size',
    ],
    [
      'a ratio that the named model cannot make',
      { model: 'gemini-3-pro-image', aspect_ratio: '1:8' },
      'aspect_ratio',
    ],
  ])('is rejected for %s', async (_, fields, path) => {
    const { post, db } = await createTestApi();
    const response = await post({ prompt: 'a fox', ...fields });
    expect(response.status).toBe(422);
    expect(await paths(response)).toEqual([path]);
    expect(db.jobs.size).toBe(0);
  });

  test('is the first that can make the size, at its price', async () => {
    const { post } = await createTestApi({ models: ['gemini-3.1-flash-lite-image', 'gemini-3-pro-image'] });
    const { job, credits } = await json(await post({ prompt: 'a fox', image_size: '4K' }));
    expect(job.model_requested).toBe('gemini-3-pro-image');
    expect(credits.charged).toBe(4);
  });
});

function json(response: Response): Promise<any> {
  return response.json();
}

async function paths(response: Response): Promise<string[]> {
  const { errors } = await json(response);
  return errors.map(({ path }: { path: string }) => path);
}
