import { ApiError } from '@google/genai';
import { describe, expect, test } from 'vitest';
import type { FailureCode } from '../job/failure.ts';
import { classifyError } from './classify-error.ts';

const now = Date.parse('2026-11-22T20:00:00Z');

function apiError(status: number, body: unknown): ApiError {
  return new ApiError({ status, message: typeof body === 'string' ? body : JSON.stringify(body) });
}

function answer(status: number, name: string, details: unknown[] = []): ApiError {
  return apiError(status, { error: { code: status, message: 'words', status: name, details } });
}

const badKey = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' };
const retryIn = (retryDelay: unknown) => ({
  '@type': 'type.googleapis.com/google.rpc.RetryInfo',
  retryDelay,
});
const quota = (quotaId: string, quotaValue = '10') => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaId, quotaValue }],
});

describe('an error is classified by its status and details', () => {
  const rows: [string, unknown, FailureCode][] = [
    ['a missing model', answer(404, 'NOT_FOUND'), 'model_unavailable'],
    ['a spent quota', answer(429, 'RESOURCE_EXHAUSTED'), 'rate_limited'],
    ['a 429 of a proxy', apiError(429, 'slow down'), 'rate_limited'],
    ['500', answer(500, 'INTERNAL'), 'provider_unavailable'],
    ['502 with a page of HTML', apiError(502, '<html>'), 'provider_unavailable'],
    ['503', answer(503, 'UNAVAILABLE'), 'provider_unavailable'],
    ['504', answer(504, 'DEADLINE_EXCEEDED'), 'provider_unavailable'],
    ['499', answer(499, 'CANCELLED'), 'provider_unavailable'],
    ['a bad request', answer(400, 'INVALID_ARGUMENT'), 'invalid_request'],
    ['a request too large', answer(413, 'INVALID_ARGUMENT'), 'invalid_request'],
    ['a bad key', answer(400, 'INVALID_ARGUMENT', [badKey]), 'provider_misconfigured'],
    ['a wrong region', answer(400, 'FAILED_PRECONDITION'), 'provider_misconfigured'],
    ['401', answer(401, 'UNAUTHENTICATED'), 'provider_misconfigured'],
    ['403', answer(403, 'PERMISSION_DENIED'), 'provider_misconfigured'],
    [
      'a 400 that the API did not send, as wrapped by the SDK',
      apiError(400, { error: { message: '<html>', code: 400, status: 'Bad Request' } }),
      'provider_unavailable',
    ],
    ['a 400 whose body is null', apiError(400, 'null'), 'provider_unavailable'],
    ['a broken body', new SyntaxError('Unexpected end of JSON input'), 'provider_unavailable'],
    [
      'a broken connection',
      new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } }),
      'provider_unavailable',
    ],
    ['a value that is not an error', 'what', 'provider_unavailable'],
  ];
  test.each(rows)('%s', (_, error, code) => {
    expect(classifyError(error, now).code).toBe(code);
  });

  test('the text of the message has no effect', () => {
    const error = apiError(400, {
      error: { code: 400, status: 'INVALID_ARGUMENT', message: 'API key not valid: 429 quota SAFETY' },
    });
    expect(classifyError(error, now).code).toBe('invalid_request');
  });

  test('details of any shape are accepted', () => {
    for (const details of [null, 'x', [null], [[]], [{ violations: [null] }], [{ retryDelay: 7 }]]) {
      const error = apiError(429, { error: { status: 'RESOURCE_EXHAUSTED', details } });
      expect(classifyError(error, now)).toMatchObject({ code: 'rate_limited' });
    }
  });

  test('the cause contains the code of a broken connection', () => {
    const error = new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } });
    expect(classifyError(error, now).cause).toBe('TypeError: fetch failed (ECONNREFUSED)');
  });
});

describe('the retry delay of a spent quota', () => {
  const untilMidnight = Date.parse('2026-11-23T08:00:00Z') - now;
  const perMinute = 'GenerateRequestsPerMinutePerProjectPerModel';
  const perDay = 'GenerateRequestsPerDayPerProjectPerModel-FreeTier';
  const rows: [string, unknown[], number | undefined][] = [
    ['can be whole seconds', [retryIn('37s')], 37_000],
    ['can be a fraction of a second', [retryIn('34.07s')], 34_070],
    ['is capped at 25 hours', [retryIn('99999999s')], 25 * 3_600_000],
    ['is undefined when it cannot be parsed', [retryIn('soon')], undefined],
    ['is undefined without details', [], undefined],
    ['is RetryInfo for a per-minute quota', [quota(perMinute), retryIn('53s')], 53_000],
    ['lasts until midnight for a per-day quota', [quota(perDay), retryIn('53s')], untilMidnight],
    ['lasts until midnight for a quota of zero', [quota(perMinute, '0'), retryIn('53s')], untilMidnight],
  ];
  test.each(rows)('%s', (_, details, expected) => {
    expect(classifyError(answer(429, 'RESOURCE_EXHAUSTED', details), now).retryAfterMs).toBe(expected);
  });
});
