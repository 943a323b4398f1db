import type { WebhookDelivery } from '@darkroom/db/webhooks/webhooks';
import { describe, expect, test } from 'vitest';
import { createTestApi } from '../../testing/test-api.ts';

const webhook_url = 'https://hooks.example.com/darkroom';

describe('a job with a webhook', () => {
  test('sends its end events by default, and never shows the webhook in responses', async () => {
    const { post, db } = await createTestApi();
    const usual = (await (await post({ prompt: 'a fox', webhook_url })).json()) as any;
    expect(db.webhooks.get(usual.job.id)).toEqual({
      url: webhook_url,
      events: ['job.completed', 'job.failed', 'job.canceled'],
    });
    const body = { prompt: 'a fox', webhook_url, webhook_events: ['job.failed', 'job.processing'] };
    const chosen = (await (await post(body)).json()) as any;
    expect(db.webhooks.get(chosen.job.id)?.events).toEqual(['job.processing', 'job.failed']);
    expect(JSON.stringify([usual, chosen])).not.toContain('hooks.example.com');
  });

  test.each([
    ['http', 'http://hooks.example.com/'],
    ['a password', 'https://a:b@hooks.example.com/'],
    ['a loopback address', 'https://127.0.0.1/'],
    ['the metadata service', 'https://169.254.169.254/'],
    ['an unusual port', 'https://hooks.example.com:6379/'],
  ])('is rejected with %s, also in a dry run', async (_, url) => {
    const { post, db } = await createTestApi();
    for (const query of ['', '?dry_run=true']) {
      const response = await post({ prompt: 'a fox', webhook_url: url }, {}, query);
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({
        code: 'invalid_request',
        errors: [{ path: 'webhook_url' }],
      });
    }
    expect(db.jobs.size).toBe(0);
  });

  test('is rejected if the server has no signing secret', async () => {
    const { post } = await createTestApi({ webhooks: { enabled: false, allowPrivate: false } });
    const response = await post({ prompt: 'a fox', webhook_url });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      detail: expect.stringContaining('sends no webhooks'),
      errors: [{ path: 'webhook_url' }],
    });
  });

  test('differs for its idempotency key from the same request without a webhook', async () => {
    const { post } = await createTestApi();
    const key = { 'Idempotency-Key': 'k1' };
    expect((await post({ prompt: 'a fox', webhook_url }, key)).status).toBe(202);
    expect((await post({ prompt: 'a fox', webhook_url }, key)).status).toBe(200);
    expect((await post({ prompt: 'a fox' }, key)).status).toBe(422);
  });
});

describe('GET /v1/jobs/{id}/deliveries', () => {
  const delivery: WebhookDelivery = {
    id: crypto.randomUUID(),
    type: 'job.completed',
    url: webhook_url,
    status: 'pending',
    attempts: 1,
    next_attempt_at: '2026-01-02T03:04:10+00:00',
    last_status: 500,
    last_error: 'answered 500',
    created_at: '2026-01-02T03:04:05+00:00',
    delivered_at: null,
  };

  test('lists the webhook deliveries of a job to its owner only', async () => {
    const { app, post, get, db, tokens } = await createTestApi();
    const { job } = (await (await post({ prompt: 'a fox', webhook_url })).json()) as any;
    const path = `/v1/jobs/${job.id}/deliveries`;
    expect(await (await get(path)).json()).toEqual({ data: [], next_cursor: null });
    db.webhookDeliveries.set(job.id, [delivery]);
    expect(await (await get(path)).json()).toEqual({ data: [delivery], next_cursor: null });

    const Authorization = await tokens.authorization('user_bob');
    for (const [url, headers] of [
      [path, { Authorization }],
      ['/v1/jobs/7/deliveries', {}],
      [`/v1/jobs/${crypto.randomUUID()}/deliveries`, {}],
    ] as const) {
      const response = await get(url, headers);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'not_found' });
    }
    expect((await app.request(path)).status).toBe(401);
  });
});
