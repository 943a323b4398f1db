import { describe, expect, test } from 'vitest';
import { type WebhookResponse, webhookDeliveryResult } from './delivery-result.ts';
import { webhookRetryDelaysMs } from './retry-schedule.ts';

const answered = (status: number, retryAfterMs: number | null = null): WebhookResponse => ({
  kind: 'answered',
  status,
  retryAfterMs,
});
const judge = (answer: WebhookResponse, tries = 1, random = 0.5) =>
  webhookDeliveryResult(answer, { tries, random });

describe('an attempt to send a webhook', () => {
  test.each([200, 201, 204, 299])('that is answered with %i has delivered it', (status) => {
    expect(judge(answered(status))).toEqual({ result: 'delivered', status, error: null, delayMs: 0 });
  });

  test.each([
    [answered(500), 'answered 500'],
    [answered(429), 'answered 429'],
    [answered(404), 'answered 404'],
    [answered(301), 'answered 301: redirects are not followed'],
    [{ kind: 'unanswered', reason: 'no answer within 10 s' } as const, 'no answer within 10 s'],
  ])('that is not taken is made again: %j', (answer, error) => {
    expect(judge(answer)).toMatchObject({ result: 'retry', error, delayMs: 5_000 });
  });

  test.each([
    [answered(410), 'answered 410: the receiver wants no more webhooks'],
    [{ kind: 'refused', reason: 'not public' } as const, 'not public'],
  ])('that can never be taken is the last: %j', (answer, error) => {
    expect(judge(answer)).toMatchObject({ result: 'failed', error });
  });
});

test('attempts are made over hours, each some time after the one before, and then no more', () => {
  const delays = webhookRetryDelaysMs.map((_, at) => judge(answered(500), at + 1).delayMs);
  expect(delays).toEqual([...webhookRetryDelaysMs]);
  expect(delays.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(15 * 3_600_000);
  expect(judge(answered(500), webhookRetryDelaysMs.length + 1)).toMatchObject({
    result: 'failed',
    status: 500,
  });
});

test('attempts of many are spread by a fifth to either side', () => {
  expect(judge(answered(500), 3, 0).delayMs).toBe(96_000);
  expect(judge(answered(500), 3, 1).delayMs).toBe(144_000);
});

test('a receiver may ask for a later attempt, within hours, not for an earlier one', () => {
  expect(judge(answered(503, 60_000)).delayMs).toBe(60_000);
  expect(judge(answered(503, 1)).delayMs).toBe(5_000);
  expect(judge(answered(503, 1e12)).delayMs).toBe(4 * 3_600_000);
});
