import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { broken, completed, eventOf, failed, problem } from '../testing/fake-api.ts';
import { freezeTime, openDarkroom, pass, rejectionOf } from '../testing/harness.ts';

beforeEach(freezeTime);
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  vi.useRealTimers();
});

function follow(options: Parameters<typeof openDarkroom>[0] = {}, how: object = {}) {
  const opened = openDarkroom(options);
  const { darkroom, api, onUpdate } = opened;
  return { ...opened, result: darkroom.jobs.follow(api.job.id, { onUpdate, ...how }) };
}

describe('a job that is followed by its stream', () => {
  it('shows every version once, and resolves to the finished job; the stream is closed', async () => {
    const { api, result, versions } = follow();
    await pass(0);
    api.change({ status: 'processing', stage: 'generating' });
    api.change({ progress: 40 });
    await pass(100);
    api.change(completed);
    await pass(0);
    expect(await result).toEqual(api.job);
    expect(versions()).toEqual([1, 2, 3, 4]);
    expect(api.requests.map(({ path }) => path)).toEqual([`/v1/jobs/${api.job.id}/events`]);
    expect(api.streams[0]!.isClosed).toBe(true);
  });

  it('rejects with the reason, the job and its receipt when there is no image', async () => {
    const { api, result } = follow();
    const rejection = rejectionOf(result);
    await pass(0);
    api.change(failed);
    expect(await rejection).toMatchObject({
      name: 'DarkroomError',
      code: 'content_blocked',
      message: 'The request was refused.',
      status: null,
      job: { status: 'failed' },
      receipt: { charged: 3, refunded: 3, net: 0 },
    });
  });

  it('reads it in pieces cut in the middle of a character, and never goes backwards', async () => {
    const { api, result, versions, seen } = follow();
    await pass(0);
    const [stream] = api.streams;
    const late = { ...api.job, version: 3, prompt: 'ein Fuchs 🦊 träumt', progress: 50 };
    const bytes = new TextEncoder().encode(eventOf(late));
    for (const byte of bytes) {
      stream!.write(new Uint8Array([byte]));
    }
    stream!.write(eventOf({ ...late, version: 2, progress: 20 }) + eventOf(late));
    stream!.write('event: other\ndata: {"version": 9}\n\nevent: job\ndata: {}\n\n');
    stream!.write(eventOf({ ...late, ...completed, version: 5 }) + eventOf({ ...late, version: 4 }));
    await result;
    expect(versions()).toEqual([1, 3, 5]);
    expect(seen[1]!.prompt).toBe('ein Fuchs 🦊 träumt');
  });

  it('closes the gap of a broken line with a read, and goes on with a new stream', async () => {
    const { api, result, versions } = follow();
    api.change({ status: 'processing' });
    await pass(10_000);
    api.streams[0]!.cut();
    api.changeUnheard({ progress: 30 });
    await pass(1_000);
    expect(versions()).toEqual([2, 3]);
    expect(api.streams.length).toBe(2);
    expect(api.count('read')).toBe(1);
    api.change(completed);
    await pass(0);
    await result;
    expect(versions()).toEqual([2, 3, 4]);
  });

  it('goes on with a new stream when the server has ended one', async () => {
    const { api, result } = follow();
    for (let n = 0; n < 5; n += 1) {
      await pass(40_000);
      api.streams.at(-1)!.end();
      await pass(1_000);
    }
    expect(api.streams.length).toBe(6);
    api.change(completed);
    await pass(0);
    await result;
  });

  it('survives an API that is away for minutes', async () => {
    const { api, result } = follow();
    await pass(10_000);
    api.isDown = true;
    api.streams[0]!.cut();
    await pass(300_000);
    expect(api.requests.length).toBeLessThan(60);
    api.changeUnheard(completed);
    api.isDown = false;
    await pass(16_000);
    expect(await result).toEqual(api.job);
  });

  it('opens a stream anew that has been silent for longer than three keep-alives', async () => {
    const { api, result } = follow();
    for (let n = 0; n < 8; n += 1) {
      await pass(15_000);
      api.streams[0]!.write(': keep-alive\n\n');
    }
    api.changeUnheard({ status: 'processing' });
    expect(api.streams.length).toBe(1);
    await pass(55_000);
    expect(api.streams[0]!.isClosed).toBe(true);
    expect(api.streams.length).toBe(2);
    api.change(completed);
    await pass(0);
    await result;
  });

  it('brings the place in the line while it waits, which streams do not tell', async () => {
    const { api, result, seen } = follow();
    api.once('read', () => Response.json({ ...api.job, queue_position: 4, eta_seconds: 30 }));
    await pass(6_000);
    expect(seen.map((job) => [job.version, job.queue_position])).toEqual([
      [1, undefined],
      [1, 4],
    ]);
    api.change({ status: 'processing' });
    await pass(20_000);
    expect(api.count('read')).toBe(1);
    api.change(completed);
    await pass(0);
    await result;
  });
});

describe('a job that cannot be followed by a stream', () => {
  it('is read by long polling when the API has none, and the client does not ask again', async () => {
    const { api, darkroom, result, versions, onUpdate } = follow();
    api.hasStreams = false;
    await pass(10);
    expect(api.count('wait')).toBe(1);
    api.change({ status: 'processing' });
    await pass(45_000);
    expect(api.count('wait')).toBe(4);
    api.change(completed);
    await pass(10);
    await result;
    expect(versions()).toEqual([1, 2, 3]);
    await darkroom.jobs.follow(api.job.id, { onUpdate });
    expect(api.count('events')).toBe(1);
  });

  it('is read where fetch cannot read streams, and none is asked for', async () => {
    const { body: _, ...others } = Object.getOwnPropertyDescriptors(Response.prototype);
    const api = openDarkroom().api;
    vi.stubGlobal('Response', { prototype: others });
    vi.stubGlobal('fetch', api.fetch);
    const { darkroom } = openDarkroom({ fetch: undefined });
    vi.unstubAllGlobals();
    vi.stubGlobal('fetch', api.fetch);
    const result = darkroom.jobs.follow(api.job.id);
    await pass(0);
    api.change(completed);
    await pass(0);
    await result;
    vi.unstubAllGlobals();
    expect(api.count('events')).toBe(0);
  });

  it('is read when the stream gives nothing; the third time streams are given up', async () => {
    const { api, darkroom, result, versions } = follow();
    api.mute = true;
    api.changeUnheard({ status: 'processing' });
    await pass(6_100);
    expect(versions()).toEqual([2]);
    await pass(60_000);
    expect(api.count('events')).toBe(3);
    expect(api.count('wait')).toBeGreaterThan(1);
    api.change(completed);
    await pass(0);
    await result;
    await darkroom.jobs.follow(api.job.id);
    expect(api.count('events')).toBe(3);
  });

  it('is read for a while, every few seconds, when the API does not hold its answers', async () => {
    const { api, result } = follow({}, { follow: 'poll' });
    api.holds = false;
    await pass(60_000);
    expect(api.requests.length).toBeGreaterThan(10);
    expect(api.requests.length).toBeLessThan(20);
    api.changeUnheard(completed);
    await pass(5_000);
    await result;
  });

  it('is read plainly when something on the way cuts what is held', async () => {
    const { api, result } = follow({}, { follow: 'poll' });
    for (let n = 0; n < 2; n += 1) api.once('wait', () => Promise.reject(broken()));
    await pass(30_000);
    expect(api.count('wait')).toBe(2);
    expect(api.count('read')).toBeGreaterThan(4);
    api.changeUnheard(completed);
    await pass(5_000);
    await result;
  });

  it('rests as long as the API asks for', async () => {
    const { api, result } = follow({}, { follow: 'poll' });
    api.once('read', () => problem(429, 'rate_limited', { headers: { 'retry-after': '30' } }));
    await pass(29_900);
    expect(api.requests.length).toBe(1);
    api.changeUnheard(completed);
    await pass(7_000);
    await result;
  });

  it('is rejected with the last state when the API says no', async () => {
    const { api, result } = follow();
    const rejection = rejectionOf(result);
    await pass(10_000);
    api.once('read', () => problem(404, 'not_found'));
    api.streams[0]!.end();
    await pass(1_000);
    expect(await rejection).toMatchObject({
      code: 'not_found',
      status: 404,
      problem: { detail: 'not_found.' },
      job: { version: 1 },
    });
  });

  it('is rejected when there is no such job, without giving up streams for others', async () => {
    const { api, darkroom, result } = follow();
    const rejection = rejectionOf(result);
    api.once('events', () => problem(404, 'not_found'));
    api.once('read', () => problem(404, 'not_found'));
    await pass(0);
    expect((await rejection).code).toBe('not_found');
    api.changeUnheard(completed);
    await darkroom.jobs.follow(api.job.id);
    expect(api.count('events')).toBe(2);
  });
});

describe('a device that sleeps', () => {
  it('looks again as soon as it wakes, whatever it was waiting for', async () => {
    const { api, result, wake } = follow();
    await pass(10_000);
    api.changeUnheard(completed);
    wake();
    wake();
    await pass(0);
    expect(await result).toEqual(api.job);
    expect(api.streams.length).toBe(2);
  });

  it('looks again at once when it was resting after failures', async () => {
    const { api, result, wake } = follow();
    api.isDown = true;
    await pass(120_000);
    api.isDown = false;
    api.changeUnheard(completed);
    await pass(1_100);
    wake();
    await pass(0);
    expect(await result).toEqual(api.job);
  });

  it('notices by its clock that it has slept, where nothing tells it', async () => {
    const { api, result } = follow();
    await pass(10_000);
    api.changeUnheard(completed);
    vi.setSystemTime(Date.now() + 3_600_000);
    await pass(5_000);
    expect(await result).toEqual(api.job);
  });

  it('hears of it from the page', async () => {
    const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    const added = vi.fn(page.addEventListener.bind(page));
    const removed = vi.fn(page.removeEventListener.bind(page));
    vi.stubGlobal('addEventListener', added);
    vi.stubGlobal('removeEventListener', removed);
    vi.stubGlobal('document', page);
    const { api, result } = follow({ onWake: undefined });
    await pass(10_000);
    api.changeUnheard(completed);
    page.dispatchEvent(new Event('visibilitychange'));
    await pass(0);
    expect(api.streams.length).toBe(1);
    page.visibilityState = 'visible';
    page.dispatchEvent(new Event('visibilitychange'));
    await pass(0);
    expect(await result).toEqual(api.job);
    vi.unstubAllGlobals();
    expect(removed.mock.calls).toEqual(added.mock.calls);
    expect(added.mock.calls.map(([event]) => event)).toContain('online');
  });
});

describe('whoever follows', () => {
  it('stops by the signal: everything is closed, and the job goes on', async () => {
    const stop = new AbortController();
    const { api, result } = follow({}, { signal: stop.signal });
    const rejection = rejectionOf(result);
    await pass(1_000);
    stop.abort('enough');
    expect(await rejection).toMatchObject({ code: 'aborted', cause: 'enough', job: { version: 1 } });
    await pass(0);
    expect(api.streams[0]!.isClosed).toBe(true);
    expect(api.count('cancel')).toBe(0);
  });

  it('is given the error of its own callback', async () => {
    const own = new Error('mine');
    const { result } = follow(
      {},
      {
        onUpdate() {
          throw own;
        },
      },
    );
    expect(await rejectionOf(result)).toBe(own);
  });

  it('holds three connections of a page at most; the others are read every few seconds', async () => {
    vi.stubGlobal('document', { visibilityState: 'visible' });
    const { api, darkroom } = openDarkroom();
    vi.unstubAllGlobals();
    const results = [1, 2, 3, 4, 5].map(() => darkroom.jobs.follow(api.job.id));
    await pass(10_000);
    expect(api.streams.length).toBe(3);
    expect(api.count('wait')).toBe(0);
    api.change(completed);
    await pass(6_000);
    await Promise.all(results);
  });

  it('follows a job that has ended, by one request', async () => {
    const { api, darkroom } = openDarkroom();
    api.changeUnheard(completed);
    expect(await darkroom.jobs.follow(api.job.id)).toEqual(api.job);
    expect(api.requests.length).toBe(1);
  });
});
