import { expect, it } from 'vitest';
import { createDirectives, withoutDirectives } from './directives.ts';

const take = (prompt: string, model = 'flash') => createDirectives().take(model, prompt);

it.each([
  ['[fault: 503]', { kind: 'unavailable' }],
  ['[fault: not_found]', { kind: 'not_found' }],
  ['[FAULT: Hang]', { kind: 'hang' }],
  ['[fault: 429 7.5s]', { kind: 'rate_limited', retryDelayMs: 7500 }],
  ['[fault: rate_limited per_day]', { kind: 'rate_limited', perDay: true }],
  ['[fault: blocked IMAGE_SAFETY]', { kind: 'blocked', reason: 'IMAGE_SAFETY' }],
  ['[fault: finish NO_IMAGE]', { kind: 'finish', reason: 'NO_IMAGE' }],
  ['[fault: drip 50ms]', { kind: 'drip', intervalMs: 50 }],
  ['[latency: 2m]', { kind: 'latency', ms: 120_000 }],
])('%s is %j', (directive, fault) => {
  expect(take(`a fox ${directive}`)).toEqual([fault]);
});

it('a directive with a model applies to that model only', () => {
  expect(take('[fault: 404 flash]', 'flash')).toEqual([{ kind: 'not_found' }]);
  expect(take('[fault: 404 flash]', 'pro')).toEqual([]);
});

it('a directive with a count applies that often for each model and prompt', () => {
  const directives = createDirectives();
  const times = (prompt: string, model: string) => [1, 2, 3].map(() => directives.take(model, prompt).length);
  expect(times('a [fault: 500 x2]', 'flash')).toEqual([1, 1, 0]);
  expect(times('a [fault: 500 x2]', 'pro')).toEqual([1, 1, 0]);
  expect(times('b [fault: 500 x2]', 'flash')).toEqual([1, 1, 0]);
});

it.each(['[fault: gremlins]', '[fault: finish]', '[latency: soon]', '[fault: 503 2s]'])(
  '%s means nothing',
  (text) => {
    expect(() => take(text)).toThrow(text);
  },
);

it('directives are not painted', () => {
  expect(withoutDirectives('a [latency: 4s] fox [fault: 503 x2] by the sea')).toBe('a fox by the sea');
});
