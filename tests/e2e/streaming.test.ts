import { readFile } from 'node:fs/promises';
import type { Job } from '@darkroom/core/job/job';
import type { Api } from '@darkroom/local/stack/apps';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DeploymentUser, useSharedDeployment } from '../support/deployment.ts';
import { shared } from '../support/shared-object.ts';
import { type OpenedStream, openStream } from '../support/sse.ts';

/** `STREAMS=2000` opens as many as one process should carry, and prints what that costs. */
const streamCount = Number(process.env.STREAMS ?? 200);

const deployment = useSharedDeployment();
let second: Api;
let ada: DeploymentUser;
const open: OpenedStream[] = [];

beforeAll(async () => {
  second = await deployment.addApi();
}, 120_000);
beforeEach(async () => {
  for (const stream of open.splice(0)) stream.leave();
  deployment.gemini.faults.clear();
  ada = await deployment.user('ada', { credits: 200 });
});
afterAll(async () => {
  for (const stream of open) stream.leave();
}, 120_000);

async function follow(path: string, headers: object = {}, base = second.url): Promise<OpenedStream> {
  const stream = await openStream(`${base}${path}`, { token: ada.token, headers });
  open.push(stream);
  return stream;
}

const isEnded = ({ job }: { job: Job }) => job.completed_at !== null;

describe('a stream of one job', () => {
  it('shows on one process what was submitted on another: in order, to the end, and the same as a poll', async () => {
    const job = await ada.submit({ prompt: 'a fox [latency: 400ms]', metadata: { n: 1 } });
    const stream = await follow(`/v1/jobs/${job.id}/events`);
    expect(stream).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no',
        'cache-control': 'private, no-cache, no-transform',
      },
    });
    expect(await stream.ended).toBe(true);
    const { events } = stream;
    for (const [at, { id, event, job: shown }] of events.entries()) {
      expect([id, event]).toEqual([String(shown.version), 'job']);
      if (at > 0) expect(shown.version).toBeGreaterThan(events[at - 1]!.job.version);
    }
    expect(events.length).toBeGreaterThan(1);
    const last = events.at(-1)!.job;
    expect(last).toMatchObject({ status: 'completed', stage: 'done' });
    expect(shared(await ada.job(job.id))).toEqual(last);
    expect((await ada.get('/v1/jobs')).body.data[0]).toEqual(last);
  });

  it('resumes at the client’s version, and answers 204 after the last one', async () => {
    const job = await ada.submit({ prompt: 'slow [latency: 3s]' });
    const { job: running } = await ada.until(job.id, ({ stage }) => stage === 'generating');
    const stream = await follow(`/v1/jobs/${job.id}/events`, { 'last-event-id': String(running.version) });
    const next = await stream.until(() => true);
    expect(next.job.version).toBeGreaterThan(running.version);
    const { job: last } = await stream.until(isEnded);
    expect(await stream.ended).toBe(true);
    const stop = await follow(`/v1/jobs/${job.id}/events`, { 'last-event-id': String(last.version) });
    expect(stop.status).toBe(204);
    const again = await follow(`/v1/jobs/${job.id}/events`, { 'last-event-id': 'nonsense' });
    expect(await again.ended).toBe(true);
    expect(again.events.map((event) => event.job)).toEqual([last]);
  });

  it('is closed to other users and to unauthenticated requests', async () => {
    const job = await ada.submit({ prompt: 'a fox' });
    const boris = await deployment.user('boris');
    expect((await boris.get(`/v1/jobs/${job.id}/events`)).status).toBe(404);
    expect((await deployment.request('GET', `/v1/jobs/${job.id}/events`)).status).toBe(401);
    expect((await deployment.request('GET', '/v1/events')).status).toBe(401);
  });

  it('ends when its process stops, and resumes on another one', async () => {
    const third = await deployment.addApi();
    const job = await ada.submit({ prompt: 'slow [latency: 4s]' });
    const stream = await follow(`/v1/jobs/${job.id}/events`, {}, third.url);
    await stream.until(({ job: shown }) => shown.stage === 'generating');
    third.child.kill('SIGTERM');
    expect(await stream.ended).toBe(true);
    expect((await third.exited).code).toBe(0);
    const { id } = stream.events.at(-1)!;
    const next = await follow(`/v1/jobs/${job.id}/events`, { 'last-event-id': id });
    const last = await next.until(isEnded);
    expect(last.job.status).toBe('completed');
  });
});

describe('a stream of all jobs of a user', () => {
  it('begins with unfinished jobs, shows new ones and every ending, and no other user’s', async () => {
    const before = await ada.submit({ prompt: 'slow [latency: 2s]' });
    const stream = await follow('/v1/events');
    expect((await stream.until(() => true)).job.id).toBe(before.id);
    const boris = await deployment.user('boris');
    await boris.submit({ prompt: 'his' });
    const after = await ada.submit({ prompt: 'a fox' });
    await Promise.all(
      [before, after].map(({ id }) => stream.until((event) => event.job.id === id && isEnded(event))),
    );
    const newest = new Map<string, number>();
    for (const { job } of stream.events) {
      expect(job.version).toBeGreaterThan(newest.get(job.id) ?? 0);
      newest.set(job.id, job.version);
      expect(job.user_id).toBe(ada.id);
    }
    for (const { id } of [before, after]) {
      const shown = stream.events.filter((event) => event.job.id === id).at(-1)!.job;
      expect(shared(await ada.job(id))).toEqual(shown);
    }
  });

  it('leaves no gap after a disconnect: jobs that ended or began meanwhile come first', async () => {
    const cut = await ada.submit({ prompt: 'slow [latency: 1s]' });
    const stream = await follow('/v1/events');
    const { id } = await stream.until(() => true);
    stream.leave();
    const missed = await ada.submit({ prompt: 'a fox' });
    await Promise.all([cut, missed].map((job) => ada.ended(job.id)));
    const resumed = await follow('/v1/events', { 'last-event-id': id });
    await Promise.all(
      [cut, missed].map((job) => resumed.until((event) => event.job.id === job.id && isEnded(event))),
    );
    const fresh = await follow('/v1/events');
    const next = await ada.submit({ prompt: 'a cat' });
    expect((await fresh.until(() => true)).job.id, 'without an id the past is not told').toBe(next.id);
  });
});

describe('many clients', () => {
  it('an update reaches all of them within a second, and nothing is left after they disconnect', async () => {
    const rss = async () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${second.child.pid}/status`, 'utf8'))![1]) /
      1_024;
    const before = await rss();
    const job = await ada.submit({ prompt: 'slow [latency: 60s]' });
    await ada.until(job.id, ({ stage }) => stage === 'generating');
    const streams: OpenedStream[] = [];
    while (streams.length < streamCount) {
      const path = streams.length % 2 === 0 ? `/v1/jobs/${job.id}/events` : '/v1/events';
      streams.push(...(await Promise.all(Array.from({ length: 50 }, () => follow(path)))));
      await Promise.all(streams.slice(-50).map((stream) => stream.until(() => true)));
    }
    const held = await rss();
    const [slow] = streams;
    slow!.response.pause();
    const asked = performance.now();
    expect((await ada.post(`/v1/jobs/${job.id}/cancel`)).status).toBe(200);
    const canceledAt = performance.now();
    const arrivals = await Promise.all(streams.slice(1).map((stream) => stream.until(isEnded)));
    const lastMs = Math.max(...arrivals.map(({ at }) => at)) - asked;
    for (const stream of streams) stream.leave();
    const figures = {
      streams: streams.length,
      rss_mb: { before: Math.round(before), held: Math.round(held) },
      cancel_ms: Math.round(canceledAt - asked),
      all_told_ms: Math.round(lastMs),
    };
    process.stderr.write(`${JSON.stringify(figures)}\n`);
    expect(held).toBeLessThan(400);
    // The target is one second; the rest is room for a busy machine.
    expect(lastMs).toBeLessThan(streamCount > 500 ? 2_000 : 1_500);
    const after = await ada.submit({ prompt: 'a fox' });
    expect((await ada.ended(after.id)).job.status).toBe('completed');
  });
});
