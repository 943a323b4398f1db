import { setTimeout as sleep } from 'node:timers/promises';
import type { ProblemCode } from '@darkroom/api/problem/problem';
import { createDarkroom, DarkroomError, type DarkroomOptions, type JobView } from '@darkroom/client';
import type { ApiErrorCode } from '@darkroom/client/http/error';
import sharp from 'sharp';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { useSharedDeployment } from '../support/deployment.ts';

/** The API sends these only to senders of webhooks and to operators. */
type ForeignCode = 'invalid_signature' | 'forbidden';

it('lists every error code that the API sends to an app', () => {
  expectTypeOf<ApiErrorCode>().toEqualTypeOf<Exclude<ProblemCode, ForeignCode>>();
});

const deployment = useSharedDeployment();

/** A user of this test alone, with an app of theirs; `seen` is what the app was shown. */
async function open(options: Partial<DarkroomOptions> = {}) {
  const user = await deployment.user('client');
  const seen: JobView[] = [];
  const darkroom = createDarkroom({ url: deployment.stack.api.url, getToken: () => user.token, ...options });
  return { user, darkroom, seen, onUpdate: (job: JobView) => void seen.push(job) };
}

function expectOrder(seen: readonly JobView[]): void {
  for (const [at, job] of seen.entries()) {
    const before = seen[at - 1];
    if (before === undefined) continue;
    expect(job.version).toBeGreaterThanOrEqual(before.version);
    expect(job.progress).toBeGreaterThanOrEqual(before.progress);
  }
  expect(new Set(seen.map(({ id }) => id)).size).toBe(1);
}

/** A promise's error, seen at once. */
const rejectionOf = (promise: Promise<unknown>): Promise<DarkroomError> =>
  promise.then(
    (value) => expect.fail(`resolved to ${JSON.stringify(value)}`),
    (error) => error,
  );

/** Waits until the app has been shown such a state. */
async function untilSeen(seen: readonly JobView[], fits: (job: JobView) => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!seen.some(fits)) {
    if (performance.now() > deadline) throw new Error(`only ${JSON.stringify(seen.at(-1))} was shown`);
    await sleep(25);
  }
}

describe('an app with the client', () => {
  it.each(['auto', 'sse', 'realtime', 'poll'] as const)(
    'gets its image and its receipt by %s',
    async (follow) => {
      const user = await deployment.user('client');
      const { darkroom, seen, onUpdate } = await open({
        getToken: () => user.token,
        supabase: user.supabase(),
      });
      const job = await darkroom.generate({ prompt: `a fox by ${follow}` }, { follow, onUpdate });
      expect(job).toMatchObject({
        status: 'completed',
        progress: 100,
        receipt: { charged: 3, refunded: 0, net: 3 },
      });
      expect((await fetch(job.output_image_url)).status).toBe(200);
      expect(seen[0]).toMatchObject({ status: 'pending' });
      expect(seen.at(-1)).toEqual(job);
      expectOrder(seen);
      expect(await darkroom.jobs.get(job.id)).toMatchObject({ version: job.version, status: 'completed' });
      expect(await darkroom.me()).toMatchObject({ id: user.id, credits: 17 });
    },
  );

  it('gets the reason and the credits back when there is no image', async () => {
    const { darkroom, seen, onUpdate } = await open();
    const error = await rejectionOf(darkroom.generate({ prompt: 'no [fault: blocked]' }, { onUpdate }));
    expect(error).toBeInstanceOf(DarkroomError);
    expect(error).toMatchObject({
      code: 'content_blocked',
      message: expect.stringContaining('content policy'),
      job: { status: 'failed' },
      receipt: { charged: 3, refunded: 3, net: 0 },
    });
    expectOrder(seen);
    const { data } = await darkroom.ledger({ limit: 2 });
    expect(data.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['job_refund', 3],
      ['job_debit', -3],
    ]);
  });

  it('pays once for one image when the answers to its submission are lost', async () => {
    let lost = 0;
    const { darkroom, user } = await open({
      async fetch(url, init) {
        const response = await fetch(url, init);
        if (init.method !== 'POST' || lost >= 3) return response;
        lost += 1;
        throw new TypeError('fetch failed');
      },
    });
    const job = await darkroom.generate({ prompt: 'once' });
    expect(lost).toBe(3);
    expect((await darkroom.jobs.list()).data.map(({ id }) => id)).toEqual([job.id]);
    expect(await user.credits()).toBe(17);
  });

  it('sees the end of a job that ended while it was offline', async () => {
    const lines = new Set<() => void>();
    let isOnline = true;
    let wake = () => {};
    const { darkroom, user, seen, onUpdate } = await open({
      onWake: (callback) => {
        wake = callback;
        return () => {};
      },
      async fetch(url, init) {
        const broken = new Promise<never>((_, reject) => {
          lines.add(() => reject(new TypeError('fetch failed')));
        });
        if (!isOnline) throw new TypeError('fetch failed');
        return Promise.race([fetch(url, init), broken]);
      },
    });
    const result = darkroom.generate({ prompt: 'asleep [latency: 1s]' }, { onUpdate });
    await untilSeen(seen, ({ status }) => status === 'processing');
    isOnline = false;
    for (const cut of lines) cut();
    await user.ended(seen[0]!.id);
    isOnline = true;
    wake();
    expect(await result).toMatchObject({ status: 'completed' });
    expectOrder(seen);
  });

  it('cancels by its signal, and sees the refund', async () => {
    const { darkroom, user, seen, onUpdate } = await open();
    const stop = new AbortController();
    const options = { onUpdate, signal: stop.signal, cancelOnAbort: true };
    const rejection = rejectionOf(darkroom.generate({ prompt: 'never mind [latency: 30s]' }, options));
    await untilSeen(seen, ({ status }) => status === 'processing');
    stop.abort();
    expect(await rejection).toMatchObject({
      code: 'aborted',
      job: { status: 'canceled' },
      receipt: { charged: 3, refunded: 3, net: 0 },
    });
    expect(await user.credits()).toBe(20);
    expect((await darkroom.jobs.cancel(seen[0]!.id)).status).toBe('canceled');
  });

  it('sees a cancel that came from another client', async () => {
    const { darkroom } = await open();
    const { job } = await darkroom.jobs.create({ prompt: 'two windows [latency: 30s]' });
    const rejection = rejectionOf(darkroom.jobs.follow(job.id));
    await darkroom.jobs.cancel(job.id);
    expect(await rejection).toMatchObject({ code: 'canceled', receipt: { net: 0 } });
  });

  it('gets the price, and insufficient_credits when it cannot pay', async () => {
    const { darkroom, user } = await open();
    expect(await darkroom.quote({ prompt: 'x' })).toMatchObject({ price: 3, balance: 20 });
    await user.supabase().rpc('spend_credits', { p_amount: 18, p_reference: user.id }).throwOnError();
    expect(await rejectionOf(darkroom.generate({ prompt: 'x' }))).toMatchObject({
      code: 'insufficient_credits',
      status: 402,
      problem: { balance: 2, price: 3, request_id: expect.any(String) },
      idempotencyKey: expect.any(String),
    });
  });

  it('gets the errors of an invalid request, and not_found for an unknown job', async () => {
    const { darkroom } = await open();
    expect(await rejectionOf(darkroom.generate({ prompt: ' ' }))).toMatchObject({
      code: 'invalid_request',
      problem: { errors: [{ path: 'prompt' }] },
    });
    const nobodys = '00000000-0000-4000-8000-000000000000';
    expect(await rejectionOf(darkroom.jobs.follow(nobodys))).toMatchObject({
      code: 'not_found',
      status: 404,
    });
  });

  it('gets a fresh token when its token expires', async () => {
    const user = await deployment.user('client');
    const over = await deployment.token(user.id, { expiresInSeconds: -60 });
    const { darkroom } = await open({ getToken: (options) => (options?.skipCache ? user.token : over) });
    expect(await darkroom.me()).toMatchObject({ id: user.id });
    expect(await darkroom.generate({ prompt: 'a fox' })).toMatchObject({ user_id: user.id });
  });

  it('cancels a job after cancelAfter', async () => {
    const { darkroom } = await open();
    const error = await rejectionOf(
      darkroom.generate({ prompt: 'late [latency: 60s]' }, { cancelAfter: '1s' }),
    );
    expect(error).toMatchObject({ code: 'canceled', receipt: { charged: 3, refunded: 3, net: 0 } });
  });

  it('starts from an image of its own, which it has uploaded', async () => {
    const { darkroom, user } = await open();
    const bytes = await sharp({ create: { width: 64, height: 32, channels: 3, background: 'teal' } })
      .png()
      .toBuffer();
    const { key } = await darkroom.uploads.put(new Blob([new Uint8Array(bytes)], { type: 'image/png' }));
    expect(key).toMatch(new RegExp(`^users/${user.id}/uploads/`));
    const job = await darkroom.generate({ prompt: 'the same at night', input_image_key: key });
    expect(job).toMatchObject({ status: 'completed', input_image_key: key });
    const refused = await rejectionOf(darkroom.uploads.put(new Uint8Array(5), { contentType: 'text/html' }));
    expect(refused).toMatchObject({
      code: 'invalid_request',
      problem: { errors: [{ path: 'content_type' }] },
    });
  });

  it('keeps prompts, and makes images of them', async () => {
    const { darkroom } = await open();
    const { prompts } = darkroom;
    const ink = await prompts.create({ prompt_text: 'a fox in ink', title: 'Ink' });
    const chalk = await prompts.create({ prompt_text: 'a fox in chalk' });
    expect(await prompts.get(ink.id)).toEqual(ink);
    expect(await prompts.update(chalk.id, { title: 'Chalk' })).toMatchObject({ title: 'Chalk' });
    const first = await prompts.list({ limit: 1 });
    const rest = await prompts.list({ limit: 1, cursor: first.next_cursor! });
    expect([...first.data, ...rest.data].map(({ title }) => title)).toEqual(['Chalk', 'Ink']);
    const job = await darkroom.generate({ custom_prompt_id: ink.id });
    expect(job).toMatchObject({ prompt: 'a fox in ink', custom_prompt_id: ink.id });
    await prompts.delete(ink.id);
    expect(await rejectionOf(prompts.get(ink.id))).toMatchObject({ code: 'not_found' });
  });

  it('shows its gallery, and deletes an image with its objects', async () => {
    const { darkroom } = await open();
    const job = await darkroom.generate({ prompt: 'for the wall' });
    const { data } = await darkroom.images.list();
    expect(data).toMatchObject([{ job_id: job.id, image_url: job.output_image_url, prompt: 'for the wall' }]);
    await darkroom.images.delete(data[0]!.id);
    expect((await darkroom.images.list()).data).toEqual([]);
    expect((await fetch(job.output_image_url)).status).toBe(404);
    expect(await rejectionOf(darkroom.images.delete(data[0]!.id))).toMatchObject({ code: 'not_found' });
  });

  it('retries a failed job: one new job, debited again', async () => {
    const { darkroom, user } = await open();
    deployment.gemini.faults.add({ match: 'unlucky', fault: { kind: 'blocked' }, times: 1 } as never);
    const failed = await rejectionOf(darkroom.generate({ prompt: 'unlucky', fallback: false }));
    const [one, same] = [
      await darkroom.jobs.retry(failed.job!.id),
      await darkroom.jobs.retry(failed.job!.id),
    ];
    expect(same.job.id).toBe(one.job.id);
    expect(one).toMatchObject({ job: { retry_of: failed.job!.id }, credits: { charged: 3 } });
    expect(await darkroom.jobs.follow(one.job.id)).toMatchObject({ status: 'completed' });
    expect(await user.credits()).toBe(17);
  });
});
