import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { broken, completed, failed, problem } from '../testing/fake-api.ts';
import { freezeTime, openDarkroom, pass, rejectionOf } from '../testing/harness.ts';

beforeEach(freezeTime);
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  vi.useRealTimers();
});

describe('an image', () => {
  it('is submitted once, followed, and comes with its receipt', async () => {
    const { api, darkroom, onUpdate, versions } = openDarkroom();
    const result = darkroom.generate({ prompt: 'a fox', metadata: { n: 1 } }, { onUpdate });
    await pass(0);
    api.change({ status: 'processing', progress: 20 });
    await pass(0);
    api.change(completed);
    await pass(0);
    const job = await result;
    expect(job.output_image_url).toBe(completed.output_image_url);
    expect(job.receipt).toEqual({ charged: 3, refunded: 0, net: 3 });
    expect(versions()).toEqual([1, 2, 3]);
    expect(api.sent('create')).toMatchObject([
      {
        body: { prompt: 'a fox', metadata: { n: 1 } },
        headers: {
          authorization: 'Bearer token',
          'content-type': 'application/json',
          'idempotency-key': expect.stringMatching(/^[\da-f-]{36}$/),
        },
      },
    ]);
  });

  it('is one job under one key, however often the response is lost', async () => {
    const { api, darkroom } = openDarkroom();
    // The API has accepted it, but the response is lost.
    const lost = async () => {
      const { headers } = api.sent('create').at(-1)!;
      api.made.set(headers['idempotency-key']!, api.job);
      throw broken();
    };
    api.once('create', lost);
    api.once('create', () => problem(503, 'service_unavailable', { headers: { 'retry-after': '2' } }));
    api.once('create', lost);
    const result = darkroom.generate({ prompt: 'a fox' });
    await pass(10_000);
    api.change(completed);
    await pass(0);
    await result;
    expect(api.count('create')).toBe(4);
    expect(new Set(api.sent('create').map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(api.made.size).toBe(1);
  });

  it('can have a time limit, which the API enforces', async () => {
    const { api, darkroom } = openDarkroom();
    api.changeSilently(completed);
    await Promise.all([
      darkroom.generate({ prompt: 'a fox' }, { cancelAfter: '2m' }),
      darkroom.generate({ prompt: 'a fox' }),
    ]);
    const [within, anyTime] = api.sent('create').map(({ headers }) => headers);
    expect(within).toHaveProperty('cancel-after', '2m');
    expect(anyTime).not.toHaveProperty('cancel-after');
  });

  it('has a key even without crypto', async () => {
    vi.stubGlobal('crypto', undefined);
    const { api, darkroom } = openDarkroom();
    api.changeSilently(completed);
    await Promise.all([darkroom.generate({ prompt: 'a fox' }), darkroom.generate({ prompt: 'a fox' })]);
    vi.unstubAllGlobals();
    const [one, other] = api.sent('create').map(({ headers }) => headers['idempotency-key']!);
    expect(one).toMatch(/^[\x20-\x7e]{20,255}$/);
    expect(one).not.toBe(other);
  });

  it('that is ready at once is not followed', async () => {
    const { api, darkroom, onUpdate, versions } = openDarkroom();
    api.changeSilently(completed);
    await darkroom.generate({ prompt: 'a fox' }, { onUpdate });
    expect(versions()).toEqual([2]);
    expect(api.requests.length).toBe(1);
  });

  it('that cannot be paid is rejected with price and balance', async () => {
    const { api, darkroom } = openDarkroom();
    api.once('create', () => problem(402, 'insufficient_credits', { balance: 2, price: 3 }));
    expect(await rejectionOf(darkroom.generate({ prompt: 'a fox' }))).toMatchObject({
      code: 'insufficient_credits',
      status: 402,
      problem: { balance: 2, price: 3 },
      job: null,
      receipt: null,
    });
  });

  it('that fails is an error with the job and its receipt', async () => {
    const { api, darkroom } = openDarkroom();
    const rejection = rejectionOf(darkroom.generate({ prompt: 'a fox' }));
    await pass(0);
    api.change(failed);
    expect(await rejection).toMatchObject({
      code: 'content_blocked',
      receipt: { charged: 3, refunded: 3, net: 0 },
    });
  });

  it('whose submission failed can be submitted again under the key of the error', async () => {
    const { api, darkroom } = openDarkroom();
    api.isDown = true;
    const rejection = rejectionOf(darkroom.generate({ prompt: 'a fox' }));
    await pass(60_000);
    const { idempotencyKey } = await rejection;
    api.isDown = false;
    api.changeSilently(completed);
    await darkroom.generate({ prompt: 'a fox' }, { idempotencyKey: idempotencyKey! });
    expect(new Set(api.sent('create').map(({ headers }) => headers['idempotency-key']))).toEqual(
      new Set([idempotencyKey]),
    );
  });
});

describe('an abort', () => {
  const aborted = { code: 'aborted' };

  it('before anything was sent sends nothing', async () => {
    const { api, darkroom } = openDarkroom();
    const options = { signal: AbortSignal.abort(), cancelOnAbort: true };
    expect(await rejectionOf(darkroom.generate({ prompt: 'a fox' }, options))).toMatchObject(aborted);
    expect(api.requests).toEqual([]);
  });

  it('only stops following', async () => {
    const { api, darkroom } = openDarkroom();
    const stop = new AbortController();
    const rejection = rejectionOf(darkroom.generate({ prompt: 'a fox' }, { signal: stop.signal }));
    await pass(1_000);
    stop.abort();
    expect(await rejection).toMatchObject({ ...aborted, job: { status: 'pending' } });
    expect(api.count('cancel')).toBe(0);
  });

  it('also cancels the job if asked to, and the receipt shows it', async () => {
    const { api, darkroom } = openDarkroom();
    const stop = new AbortController();
    const options = { signal: stop.signal, cancelOnAbort: true };
    const rejection = rejectionOf(darkroom.generate({ prompt: 'a fox' }, options));
    await pass(1_000);
    stop.abort();
    await pass(0);
    expect(await rejection).toMatchObject({
      ...aborted,
      job: { status: 'canceled' },
      receipt: { charged: 3, refunded: 3, net: 0 },
    });
    expect(api.count('cancel')).toBe(1);
  });

  it('that is too late to cancel rejects with the finished job', async () => {
    const { api, darkroom } = openDarkroom();
    const stop = new AbortController();
    const options = { signal: stop.signal, cancelOnAbort: true };
    const rejection = rejectionOf(darkroom.generate({ prompt: 'a fox' }, options));
    await pass(1_000);
    api.changeSilently(completed);
    stop.abort();
    await pass(0);
    expect(await rejection).toMatchObject({ ...aborted, job: { status: 'completed' } });
  });

  it('during the submission waits for its response, so that no job is left running', async () => {
    const { api, darkroom } = openDarkroom();
    const stop = new AbortController();
    api.once('create', () => Promise.reject(broken()));
    const options = { signal: stop.signal, cancelOnAbort: true };
    const rejection = rejectionOf(darkroom.generate({ prompt: 'a fox' }, options));
    await pass(10);
    stop.abort();
    await pass(1_000);
    expect(await rejection).toMatchObject({ ...aborted, job: { status: 'canceled' } });
    expect(api.count('create')).toBe(2);
  });

  it('of a submission that got a 429 does not submit it again', async () => {
    const { api, darkroom } = openDarkroom();
    const stop = new AbortController();
    api.once('create', () => problem(429, 'too_many_active_jobs', { headers: { 'retry-after': '5' } }));
    const options = { signal: stop.signal, cancelOnAbort: true };
    const rejection = rejectionOf(darkroom.generate({ prompt: 'a fox' }, options));
    await pass(1_000);
    stop.abort();
    expect(await rejection).toMatchObject({ ...aborted, idempotencyKey: expect.any(String) });
    expect(api.count('create')).toBe(1);
  });
});

describe('a cancel', () => {
  it('whose response was lost still returns the canceled job', async () => {
    const { api, darkroom } = openDarkroom();
    api.once('cancel', () => {
      api.changeSilently({ status: 'canceled', receipt: { charged: 3, refunded: 3, net: 0 } });
      return Promise.reject(broken());
    });
    const result = darkroom.jobs.cancel(api.job.id);
    await pass(1_000);
    expect(await result).toMatchObject({ status: 'canceled', receipt: { net: 0 } });
  });

  it('of a job that has ended rejects with the job', async () => {
    const { api, darkroom } = openDarkroom();
    api.changeSilently(completed);
    expect(await rejectionOf(darkroom.jobs.cancel(api.job.id))).toMatchObject({
      code: 'job_already_finished',
      status: 409,
      job: { status: 'completed' },
    });
  });
});
