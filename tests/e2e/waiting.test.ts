import type { Job } from '@darkroom/core/job/job';
import type { Api } from '@darkroom/local/stack/apps';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DeploymentUser, useSharedDeployment } from '../support/deployment.ts';

const deployment = useSharedDeployment();
let second: Api;
let ada: DeploymentUser;

beforeAll(async () => {
  second = await deployment.addApi();
}, 120_000);
beforeEach(async () => {
  deployment.gemini.faults.clear();
  ada = await deployment.user('ada', { credits: 200 });
});

async function onSecond(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${second.url}${path}`, {
    headers: { authorization: `Bearer ${ada.token}`, ...headers },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text ? JSON.parse(text) : null };
}

describe('waiting', () => {
  it('GET ?wait holds until the version changes', async () => {
    const job = await ada.submit({ prompt: 'slow [latency: 2s]' });
    let etag: string | undefined;
    const versions: number[] = [];
    for (;;) {
      const reply = await onSecond(`/v1/jobs/${job.id}?wait=20`, etag ? { 'if-none-match': etag } : {});
      expect(reply.status).toBe(200);
      etag = reply.headers.get('etag')!;
      versions.push(reply.body.version);
      if (reply.body.completed_at !== null) break;
    }
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(await onSecond(`/v1/jobs/${job.id}?wait=20`, { 'if-none-match': etag })).toMatchObject({
      status: 304,
      body: null,
    });
  });

  it('answers 304 when nothing has changed by the end of the wait, and 422 to an invalid wait', async () => {
    const job = await ada.submit({ prompt: 'slow [latency: 30s]' });
    await ada.until(job.id, ({ progress }) => progress > 10);
    let reply = await onSecond(`/v1/jobs/${job.id}`);
    const startedAt = performance.now();
    do {
      reply = await onSecond(`/v1/jobs/${job.id}?wait=1`, { 'if-none-match': reply.headers.get('etag')! });
    } while (reply.status === 200 && performance.now() - startedAt < 30_000);
    expect(reply.status).toBe(304);
    for (const wait of ['0', '26', '1.5', 'x', '']) {
      expect((await onSecond(`/v1/jobs/${job.id}?wait=${wait}`)).status, wait).toBe(422);
    }
    await ada.post(`/v1/jobs/${job.id}/cancel`);
  });

  it('Prefer: wait answers with the image, or with the refund and the balance after it', async () => {
    const made = await ada.post('/v1/jobs', { prompt: 'a fox' }, { prefer: 'wait=30' });
    expect(made).toMatchObject({
      status: 200,
      body: { job: { status: 'completed' }, credits: { balance: 197, charged: 3 } },
    });
    expect(made.headers.get('preference-applied')).toBe('wait=30');
    expect(made.headers.get('retry-after')).toBeNull();
    const refused = await ada.post('/v1/jobs', { prompt: 'x [fault: blocked]' }, { prefer: 'wait=30' });
    expect(refused).toMatchObject({
      status: 200,
      body: { job: { status: 'failed', receipt: { net: 0 } }, credits: { balance: 197, charged: 3 } },
    });
  });

  it('Prefer: wait answers 202 when the time is over; the same key waits on for the same job', async () => {
    const headers = { 'idempotency-key': 'k', prefer: 'wait=1' };
    const body = { prompt: 'slow [latency: 3s]' };
    const first = await ada.post('/v1/jobs', body, headers);
    expect(first).toMatchObject({ status: 202, body: { job: { completed_at: null } } });
    expect(first.headers.get('preference-applied')).toBe('wait=1');
    const again = await ada.post('/v1/jobs', body, { ...headers, prefer: 'wait=30' });
    expect(again).toMatchObject({
      status: 200,
      body: { job: { id: first.body.job.id, status: 'completed' } },
    });
    expect(again.headers.get('idempotent-replayed')).toBe('true');
  });

  it('Cancel-After cancels and refunds on time, even when the process that accepted the job is gone', async () => {
    const headers = { 'cancel-after': '2s', prefer: 'wait=30' };
    const reply = await ada.post('/v1/jobs', { prompt: 'slow [latency: 60s]' }, headers);
    expect(reply).toMatchObject({
      status: 200,
      body: { job: { status: 'canceled', error_code: 'canceled' }, credits: { balance: 200 } },
    });
    const third = await deployment.addApi();
    const response = await fetch(`${third.url}/v1/jobs`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${ada.token}`,
        'content-type': 'application/json',
        'cancel-after': '2s',
      },
      body: JSON.stringify({ prompt: 'slow [latency: 60s]' }),
    });
    const { job } = (await response.json()) as { job: Job };
    third.child.kill('SIGKILL');
    expect((await ada.ended(job.id, 20_000)).job).toMatchObject({ status: 'canceled', receipt: { net: 0 } });
    for (const bad of ['0s', '11m', '5', 'soon', '1h']) {
      const refused = await ada.post('/v1/jobs', { prompt: 'x' }, { 'cancel-after': bad });
      expect(refused, bad).toMatchObject({ status: 422, body: { errors: [{ path: 'Cancel-After' }] } });
    }
  });
});

describe('retry', () => {
  it('makes one new job of the same input, debited again, and only for failed and canceled jobs', async () => {
    deployment.gemini.faults.add({ match: 'unlucky', fault: { kind: 'blocked' }, times: 1 } as never);
    const failed = await ada.submit({
      prompt: 'unlucky',
      aspect_ratio: '16:9',
      fallback: false,
      metadata: { a: 1 },
    });
    await ada.ended(failed.id);
    const retried = await ada.post(`/v1/jobs/${failed.id}/retry`);
    expect(retried).toMatchObject({
      status: 202,
      body: {
        job: { prompt: 'unlucky', aspect_ratio: '16:9', metadata: { a: 1 }, retry_of: failed.id },
        credits: { balance: 197, charged: 3 },
      },
    });
    const twice = await ada.post(`/v1/jobs/${failed.id}/retry`);
    expect(twice).toMatchObject({ status: 200, body: { job: { id: retried.body.job.id } } });
    expect(twice.headers.get('idempotent-replayed')).toBe('true');
    expect((await ada.ended(retried.body.job.id)).job.status).toBe('completed');
    const other = await ada.post(`/v1/jobs/${failed.id}/retry`, undefined, { 'idempotency-key': 'again' });
    expect(other.status).toBe(202);
    await ada.ended(other.body.job.id);
    expect(await ada.credits()).toBe(194);

    expect(await ada.post(`/v1/jobs/${retried.body.job.id}/retry`)).toMatchObject({
      status: 409,
      body: { code: 'job_already_finished' },
    });
    const running = await ada.submit({ prompt: 'slow [latency: 20s]' });
    expect(await ada.post(`/v1/jobs/${running.id}/retry`)).toMatchObject({
      status: 409,
      body: { code: 'job_not_finished' },
    });
    await ada.post(`/v1/jobs/${running.id}/cancel`);
    const boris = await deployment.user('boris');
    expect((await boris.post(`/v1/jobs/${running.id}/retry`)).status).toBe(404);
  });
});
