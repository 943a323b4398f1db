import { describe, expect, test } from 'vitest';
import { type Failure, type FailureCode, failures } from './failure.ts';
import { backoff, decideRetry, type RetryInput } from './retry-policy.ts';

function ask(failure: Partial<Failure> & { code: FailureCode }, more: Partial<RetryInput> = {}) {
  return decideRetry({
    failure: { cause: '', ...failure },
    countedRetries: 0,
    onceUsed: [],
    maxAttempts: 3,
    random: () => 0.5,
    ...more,
  });
}
const fail = { kind: 'fail' };
const codesThatRetry = (retry: string) =>
  (Object.keys(failures) as FailureCode[]).filter((code) => failures[code].retry === retry);

describe('a failure that is', () => {
  test.each(codesThatRetry('never'))('%s never runs again', (code) => {
    expect(ask({ code })).toEqual(fail);
  });

  test.each(codesThatRetry('once'))('%s runs once more, and the retry counts against the budget', (code) => {
    expect(ask({ code })).toMatchObject({ kind: 'retry', counts: true });
    expect(ask({ code }, { onceUsed: [code] })).toEqual(fail);
    expect(ask({ code }, { countedRetries: 2 })).toEqual(fail);
  });

  test.each(codesThatRetry('budget'))('%s runs until the budget is spent', (code) => {
    expect(ask({ code }, { countedRetries: 1 })).toMatchObject({ kind: 'retry', counts: true });
    expect(ask({ code }, { countedRetries: 2 })).toEqual(fail);
    expect(ask({ code }, { maxAttempts: 1 })).toEqual(fail);
  });

  test.each(codesThatRetry('until_deadline'))('%s runs again without counting against the budget', (code) => {
    expect(ask({ code }, { countedRetries: 99 })).toMatchObject({ kind: 'retry', counts: false });
  });

  test('of any kind never runs again when no model call is left', () => {
    expect(ask({ code: 'rate_limited' }, { callsSpent: true })).toEqual(fail);
  });
});

describe('the delay', () => {
  test.each([
    ['the first retry, soonest', 0, 0, 2_000],
    ['the first retry, latest', 0, 1, 4_000],
    ['the second retry, latest', 1, 1, 8_000],
    ['a late retry, soonest', 9, 0, 2_000],
    ['a late retry, latest', 9, 1, 30_000],
  ])('before %s', (_, countedRetries, random, delayMs) => {
    const question = { countedRetries, maxAttempts: 20, random: () => random };
    expect(ask({ code: 'provider_unavailable' }, question)).toMatchObject({ delayMs });
  });

  test('reaches the cap with the fourth retry, which MAX_ATTEMPTS below 5 does not allow', () => {
    const longest = (countedRetries: number) =>
      ask({ code: 'provider_unavailable' }, { countedRetries, maxAttempts: 5, random: () => 1 });
    expect(longest(2)).toMatchObject({ delayMs: 16_000 });
    expect(longest(3)).toMatchObject({ delayMs: backoff.capMs });
    expect(longest(4)).toEqual(fail);
  });

  test('is never shorter than the opening of a breaker', () => {
    expect(ask({ code: 'provider_unavailable', retryAfterMs: 25_000 })).toMatchObject({ delayMs: 25_000 });
  });

  test.each([
    ['a quota with a delay named by the service', 'rate_limited', 53_000, 0, 53_000],
    ['a quota with the longest random addition', 'rate_limited', 53_000, 1, 63_000],
    ['a quota with a delay of zero', 'rate_limited', 0, 0, 1_000],
    ['a quota without a named delay', 'rate_limited', undefined, 0, 20_000],
    ['a misconfiguration', 'provider_misconfigured', undefined, 0, 60_000],
  ] as const)('for %s', (_, code, retryAfterMs, random, delayMs) => {
    expect(ask({ code, retryAfterMs }, { random: () => random })).toMatchObject({ delayMs });
  });
});
