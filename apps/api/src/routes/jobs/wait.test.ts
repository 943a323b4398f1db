import { DatabaseUnavailable } from '@darkroom/db/errors';
import { describe, expect, test } from 'vitest';
import { createTestApi } from '../../testing/test-api.ts';

async function open() {
  const api = await createTestApi();
  const { job } = (await (await api.post({ prompt: 'a fox' })).json()) as any;
  return { ...api, row: api.db.jobs.get(job.id)!, self: `/v1/jobs/${job.id}` };
}

describe('GET /v1/jobs/{id}?wait', () => {
  test('is held until the version is later than that of If-None-Match', async () => {
    const { get, row, self } = await open();
    const etag = (await get(self)).headers.get('ETag')!;
    const held = get(`${self}?wait=25`, { 'If-None-Match': `"other", W/${etag}` });
    Object.assign(row, { status: 'processing', version: 2 });
    const response = await held;
    expect(response.status).toBe(200);
    expect(response.headers.get('ETag')).toMatch(/^"2-/);
    expect(await response.json()).toMatchObject({ version: 2 });
  });

  test('is not held for a client with an older version, nor for an ended job', async () => {
    const { get, row, self } = await open();
    const etag = (await get(self)).headers.get('ETag')!;
    row.version = 2;
    expect((await get(`${self}?wait=25`, { 'If-None-Match': etag })).status).toBe(200);
    Object.assign(row, { status: 'failed', version: 3 });
    expect((await get(`${self}?wait=25`)).status).toBe(200);
  });

  test.each(['0', '26', '-1', '1.5', 'x', ''])('wait=%s is rejected', async (wait) => {
    const { get, self } = await open();
    const response = await get(`${self}?wait=${wait}`);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path: 'wait' }] });
  });
});

describe('the queue position', () => {
  test('is present only while the job is pending', async () => {
    const { get, row, self } = await open();
    expect(await (await get(self)).json()).toMatchObject({ queue_position: 1, eta_seconds: 4 });
    row.status = 'processing';
    expect(await (await get(self)).json()).not.toHaveProperty('queue_position');
  });

  test('is null if it cannot be read, and the request still succeeds', async () => {
    const { get, db, self } = await open();
    db.fail('getQueueSnapshot', new DatabaseUnavailable('unreachable'));
    const response = await get(self);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ queue_position: null, eta_seconds: null });
  });
});

describe('POST /v1/jobs with Prefer and Cancel-After', () => {
  test('publishes a hint of the new job, and sets the timer of Cancel-After', async () => {
    const { post, hinted, cancelTimers } = await createTestApi();
    const response = await post({ prompt: 'a' }, { 'Cancel-After': '1m30s' });
    const { job } = (await response.json()) as any;
    expect(hinted).toEqual([{ jobId: job.id, userId: 'user_alice', version: 1 }]);
    expect(cancelTimers).toEqual([90_000]);
  });

  test('waits for the end, returns the balance read with it, and sends Preference-Applied', async () => {
    const { post, db } = await createTestApi();
    const held = post({ prompt: 'a' }, { Prefer: 'respond-async, wait=30' });
    await expect.poll(() => db.jobs.size, { timeout: 10_000 }).toBe(1);
    const [row] = db.jobs.values();
    db.fail('ensureUser', new DatabaseUnavailable('must not be called'));
    db.users.get('user_alice')!.credits = 104;
    Object.assign(row!, { status: 'completed', version: 5, completed_at: 'now' });
    const response = await held;
    expect(response.status).toBe(200);
    expect(response.headers.get('Preference-Applied')).toBe('wait=30');
    expect(await response.json()).toMatchObject({ job: { version: 5 }, credits: { balance: 104 } });
  });

  test.each(['0s', '601s', '11m', '30', '1h', '', 'soon', '-5s'])(
    'Cancel-After: %s is rejected',
    async (header) => {
      const { post, db } = await createTestApi();
      const response = await post({ prompt: 'a' }, { 'Cancel-After': header });
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ errors: [{ path: 'Cancel-After' }] });
      expect(db.jobs.size).toBe(0);
    },
  );
});
