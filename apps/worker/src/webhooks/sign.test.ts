import { jobFields } from '@darkroom/core/job/job';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { aWebhook } from './claimed.fixture.ts';
import { createSign } from './sign.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

test('the Standard Webhooks library verifies the message and reads the event', () => {
  const webhook = aWebhook();
  const { headers, body } = createSign({ secret, now: () => new Date() })(webhook);
  const event = new Webhook(secret).verify(body, headers);
  expect(event).toEqual({ type: 'job.completed', timestamp: webhook.timestamp, data: webhook.job });
  expect(() => new Webhook(secret).verify(`${body} `, headers)).toThrow();
  expect(() => new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`).verify(body, headers)).toThrow();
});

test('the id is the same at every attempt, the timestamp is that of the attempt', () => {
  let now = new Date('2026-01-02T03:04:05.678Z');
  const sign = createSign({ secret, now: () => now });
  const first = sign(aWebhook());
  now = new Date('2026-01-02T09:00:00.000Z');
  const second = sign(aWebhook({ attempt: 2, tries: 2 }));
  expect(second.body).toBe(first.body);
  expect(second.headers['webhook-id']).toBe(first.headers['webhook-id']);
  expect([first, second].map(({ headers }) => headers['webhook-timestamp'])).toEqual([
    '1767323045',
    '1767344400',
  ]);
});

test('the data has the fields of the public job and no others', () => {
  const job = { ...aWebhook().job, managed: true, inner: 'x' };
  const { body } = createSign({ secret, now: () => new Date() })(aWebhook({ job }));
  expect(Object.keys(JSON.parse(body).data)).toEqual([...jobFields]);
});
