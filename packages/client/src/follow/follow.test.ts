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

describe('a job that is followed over its stream', () => {
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

  it('is read from pieces split within a character, and never goes backwards', async () => {
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

  it('is read after a broken connection, then followed over a new stream', async () => {
    const { api, result, versions } = follow();
    api.change({ status: 'processing' });
    await pass(10_000);
    api.streams[0]!.cut();
    api.changeSilently({ progress: 30 });
    await pass(1_000);
    expect(versions()).toEqual([2, 3]);
    expect(api.streams.length).toBe(2);
    expect(api.count('read')).toBe(1);
    api.change(completed);
    await pass(0);
    await result;
    expect(versions()).toEqual([2, 3, 4]);
  });

  it('is followed over a new stream when the server has ended one', async () => {
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

  it('survives an API that is down for minutes', async () => {
    const { api, result } = follow();
    await pass(10_000);
    api.isDown = true;
    api.streams[0]!.cut();
    await pass(300_000);
    expect(api.requests.length).toBeLessThan(60);
    api.changeSilently(completed);
    api.isDown = false;
    await pass(16_000);
    expect(await result).toEqual(api.job);
  });

  it('gets a new stream after longer silence than three keep-alives', async () => {
    const { api, result } = follow();
    for (let n = 0; n < 8; n += 1) {
      await pass(15_000);
      api.streams[0]!.write(': keep-alive\n\n');
    }
    api.changeSilently({ status: 'processing' });
    expect(api.streams.length).toBe(1);
    await pass(55_000);
    expect(api.streams[0]!.isClosed).toBe(true);
    expect(api.streams.length).toBe(2);
    api.change(completed);
    await pass(0);
    await result;
  });

  it('is read for its queue position while it waits, which streams do not send', async () => {
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
  it('is long-polled when the API has no streams, and the client does not ask again', async () => {
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

  it('is long-polled where fetch cannot read streams, without asking for one', async () => {
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

  it('is read when the stream sends nothing; after the third time streams are given up', async () => {
    const { api, darkroom, result, versions } = follow();
    api.mute = true;
    api.changeSilently({ status: 'processing' });
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

  it('is read every few seconds when the API does not hold its answers', async () => {
    const { api, result } = follow({}, { follow: 'poll' });
    api.holds = false;
    await pass(60_000);
    expect(api.requests.length).toBeGreaterThan(10);
    expect(api.requests.length).toBeLessThan(20);
    api.changeSilently(completed);
    await pass(5_000);
    await result;
  });

  it('gets plain reads when something in between cuts long polls', async () => {
    const { api, result } = follow({}, { follow: 'poll' });
    for (let n = 0; n < 2; n += 1) api.once('wait', () => Promise.reject(broken()));
    await pass(30_000);
    expect(api.count('wait')).toBe(2);
    expect(api.count('read')).toBeGreaterThan(4);
    api.changeSilently(completed);
    await pass(5_000);
    await result;
  });

  it('is read again after the time that the API asks for', async () => {
    const { api, result } = follow({}, { follow: 'poll' });
    api.once('read', () => problem(429, 'rate_limited', { headers: { 'retry-after': '30' } }));
    await pass(29_900);
    expect(api.requests.length).toBe(1);
    api.changeSilently(completed);
    await pass(7_000);
    await result;
  });

  it('rejects with the last state when the API rejects a read', async () => {
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

  it('rejects when there is no such job, without giving up streams for others', async () => {
    const { api, darkroom, result } = follow();
    const rejection = rejectionOf(result);
    api.once('events', () => problem(404, 'not_found'));
    api.once('read', () => problem(404, 'not_found'));
    await pass(0);
    expect((await rejection).code).toBe('not_found');
    api.changeSilently(completed);
    await darkroom.jobs.follow(api.job.id);
    expect(api.count('events')).toBe(2);
  });
});

describe('a device that sleeps', () => {
  it('reads as soon as it wakes, whatever it was waiting for', async () => {
    const { api, result, wake } = follow();
    await pass(10_000);
    api.changeSilently(completed);
    wake();
    wake();
    await pass(0);
    expect(await result).toEqual(api.job);
    expect(api.streams.length).toBe(2);
  });

  it('reads at once when it was pausing after failures', async () => {
    const { api, result, wake } = follow();
    api.isDown = true;
    await pass(120_000);
    api.isDown = false;
    api.changeSilently(completed);
    await pass(1_100);
    wake();
    await pass(0);
    expect(await result).toEqual(api.job);
  });

  it('notices by its clock that it has slept, without any event', async () => {
    const { api, result } = follow();
    await pass(10_000);
    api.changeSilently(completed);
    vi.setSystemTime(Date.now() + 3_600_000);
    await pass(5_000);
    expect(await result).toEqual(api.job);
  });

  it('wakes by the events of a page', async () => {
    const page = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    const added = vi.fn(page.addEventListener.bind(page));
    const removed = vi.fn(page.removeEventListener.bind(page));
    vi.stubGlobal('addEventListener', added);
    vi.stubGlobal('removeEventListener', removed);
    vi.stubGlobal('document', page);
    const { api, result } = follow({ onWake: undefined });
    await pass(10_000);
    api.changeSilently(completed);
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

describe('a follower', () => {
  it('is stopped by the signal: everything is closed, and the job continues', async () => {
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

  it('rejects with the error of its own callback', async () => {
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

  it('holds at most three connections of a page; further jobs are read every few seconds', async () => {
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

  it('needs one request for a job that has ended', async () => {
    const { api, darkroom } = openDarkroom();
    api.changeSilently(completed);
    expect(await darkroom.jobs.follow(api.job.id)).toEqual(api.job);
    expect(api.requests.length).toBe(1);
  });
});
