import { expect, test } from 'vitest';
import { createTestApi } from '../../testing/test-api.ts';

async function open() {
  const api = await createTestApi();
  const { job } = (await (await api.post({ prompt: 'a fox', aspect_ratio: '16:9' })).json()) as any;
  const retry = (headers: Record<string, string> = {}) =>
    api.app.request(`/v1/jobs/${job.id}/retry`, {
      method: 'POST',
      headers: { Authorization: api.alice, ...headers },
    });
  return { ...api, retry, row: api.db.jobs.get(job.id)! };
}

test('the retry of a failed job has the same input, is debited, and is enqueued', async () => {
  const { retry, row, delivered, hinted, db } = await open();
  Object.assign(row, { status: 'failed', completed_at: 'now' });
  const response = await retry({ 'Cancel-After': '1m' });
  const { job, credits } = (await response.json()) as any;
  expect(response.status).toBe(202);
  expect(response.headers.get('Location')).toBe(`/v1/jobs/${job.id}`);
  expect(job).toMatchObject({
    prompt: 'a fox',
    aspect_ratio: '16:9',
    retry_of: row.id,
    cancel_after_ms: 60_000,
  });
  expect(credits).toEqual({ balance: 3, charged: 1 });
  expect(delivered.at(-1)).toMatchObject({ jobId: job.id });
  expect(hinted.at(-1)).toEqual({ jobId: job.id, userId: 'user_alice', version: 1 });

  const again = await retry();
  expect(again.status).toBe(200);
  expect(again.headers.get('Idempotent-Replayed')).toBe('true');
  expect(((await again.json()) as any).job.id).toBe(job.id);
  expect(db.jobs.size).toBe(2);
});

test.each([
  ['pending', 'job_not_finished'],
  ['processing', 'job_not_finished'],
  ['completed', 'job_already_finished'],
])('a %s job is rejected with %s, and nothing is debited', async (status, code) => {
  const { retry, row, db } = await open();
  Object.assign(row, { status });
  const response = await retry();
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({ code });
  expect(db.jobs.size).toBe(1);
});

test('a missing input image is reported before anything is debited', async () => {
  const { retry, row, db } = await open();
  Object.assign(row, { status: 'failed', input_image_key: 'users/user_alice/uploads/gone.png' });
  const response = await retry();
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ errors: [{ path: 'input_image_key' }] });
  expect(db.users.get('user_alice')!.credits).toBe(4);
});

test('a job of another user cannot be retried', async () => {
  const { app, row, tokens } = await open();
  Object.assign(row, { status: 'failed' });
  const Authorization = await tokens.authorization('user_bob');
  const response = await app.request(`/v1/jobs/${row.id}/retry`, {
    method: 'POST',
    headers: { Authorization },
  });
  expect(response.status).toBe(404);
});
