import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import type { WebhookResponse } from '@darkroom/core/webhook/delivery-result';
import { webhookRetryDelaysMs } from '@darkroom/core/webhook/retry-schedule';
import { expect, test, vi } from 'vitest';
import { aWebhook } from './claimed.fixture.ts';
import { createDeliverWebhook } from './deliver.ts';

const message = { headers: {}, body: '{}' };

function setUp(answer: WebhookResponse) {
  const db = { settleWebhook: vi.fn(async () => true) };
  const send = vi.fn(async () => answer);
  const log = createRecordedLog();
  const deliver = createDeliverWebhook({ db, sign: () => message, send, log, random: () => 0.5 });
  return { db, send, log, deliver, running: new AbortController() };
}

test('an accepted webhook is written as delivered, under its attempt', async () => {
  const { db, send, deliver, running } = setUp({ kind: 'answered', status: 204, retryAfterMs: null });
  const webhook = aWebhook({ attempt: 3, tries: 3 });
  await deliver(webhook, running.signal);
  expect(send).toHaveBeenCalledExactlyOnceWith(webhook.url, message, running.signal);
  expect(db.settleWebhook).toHaveBeenCalledExactlyOnceWith({
    id: webhook.id,
    attempt: 3,
    result: { result: 'delivered', status: 204, error: null, delayMs: 0 },
  });
});

test("the log names only the receiver's host: the rest of the URL may be a secret", async () => {
  const { log, deliver, running } = setUp({ kind: 'answered', status: 500, retryAfterMs: null });
  await deliver(aWebhook({ url: 'https://hooks.test/s3cret' }), running.signal);
  expect(log.told).toMatchObject([{ name: 'webhook_retried', fields: { host: 'hooks.test', status: 500 } }]);
  expect(JSON.stringify(log.told)).not.toContain('s3cret');
});

test('an attempt that a stopping process aborts is not written: its claim expires and it is due again', async () => {
  const { db, deliver, running } = setUp({ kind: 'unanswered', reason: 'no answer' });
  running.abort();
  await deliver(aWebhook(), running.signal);
  expect(db.settleWebhook).not.toHaveBeenCalled();
});

test('a webhook whose senders died until its attempts were used up fails and is not sent', async () => {
  const { db, send, deliver, running } = setUp({ kind: 'answered', status: 200, retryAfterMs: null });
  const tries = webhookRetryDelaysMs.length + 2;
  await deliver(aWebhook({ attempt: tries, tries }), running.signal);
  expect(send).not.toHaveBeenCalled();
  expect(db.settleWebhook).toHaveBeenCalledWith(
    expect.objectContaining({ result: expect.objectContaining({ result: 'failed' }) }),
  );
});
