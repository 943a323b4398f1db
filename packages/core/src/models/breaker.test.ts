import { beforeEach, describe, expect, test } from 'vitest';
import type { Failure, FailureCode } from '../job/failure.ts';
import { type CallEnd, createBreakers, type LocalBreakers } from './breaker.ts';

const model = 'm';
let time = 0;
let breakers: LocalBreakers;
beforeEach(() => {
  time = 1_000;
  breakers = createBreakers({ now: () => time });
});

const failure = (code: FailureCode, retryAfterMs?: number): Failure => ({ code, cause: '', retryAfterMs });
const outage = failure('provider_unavailable');

function enter() {
  const gate = breakers.enter(model);
  if (gate.open) throw new Error(`refused: ${gate.code}`);
  return gate;
}
const call = (end: CallEnd) => enter().leave(end);
const callTimes = (count: number, end: CallEnd) => {
  for (let i = 0; i < count; i += 1) call(end);
};

describe('a breaker opens', () => {
  test.each([
    ['for five minutes after a missing model', failure('model_unavailable'), 300_000],
    ['for half a minute after a spent quota', failure('rate_limited'), 30_000],
    ['for as long as the service requests', failure('rate_limited', 53_000), 53_000],
  ])('%s', (_, end, ms) => {
    call(end);
    expect(breakers.enter(model)).toEqual({ open: true, code: end.code, remainingMs: ms });
    time += ms - 1;
    expect(breakers.isOpen(model)).toBe(true);
    time += 1;
    expect(breakers.isOpen(model)).toBe(false);
    expect(breakers.remainingMs(model)).toBe(0);
  });

  test('for half a minute after five failures in a row', () => {
    callTimes(4, outage);
    expect(breakers.isOpen(model)).toBe(false);
    call(outage);
    expect(breakers.remainingMs(model)).toBe(30_000);
  });

  test('only if no answer interrupts the failures, with or without an image', () => {
    callTimes(4, outage);
    call(failure('no_image'));
    callTimes(4, outage);
    call('answered');
    callTimes(4, outage);
    call('abandoned');
    expect(breakers.isOpen(model)).toBe(false);
  });

  test('only for its own model', () => {
    call(failure('model_unavailable'));
    expect(breakers.enter('other').open).toBe(false);
  });

  test('never for less time than is left', () => {
    breakers.openFor(model, 60_000);
    breakers.openFor(model, 1_000, 'provider_unavailable');
    expect(breakers.enter(model)).toMatchObject({ code: 'rate_limited', remainingMs: 60_000 });
  });
});

describe('after an outage', () => {
  beforeEach(() => {
    callTimes(5, outage);
    time += 30_000;
  });

  test('one probe is sent first, and other calls follow its answer', () => {
    const probe = enter();
    expect(breakers.enter(model)).toMatchObject({ open: true, code: 'provider_unavailable' });
    expect(breakers.states()[model]?.state).toBe('half_open');
    probe.leave('answered');
    enter();
    enter();
    expect(breakers.states()[model]?.state).toBe('closed');
  });

  test('a failed probe opens the breaker again immediately', () => {
    call(outage);
    expect(breakers.remainingMs(model)).toBe(30_000);
  });

  test('an abandoned probe lets another probe start', () => {
    const probe = enter();
    probe.leave('abandoned');
    probe.leave('answered');
    const next = enter();
    expect(breakers.isOpen(model)).toBe(true);
    next.leave('answered');
    expect(breakers.isOpen(model)).toBe(false);
  });
});

test('a success of a call that started before the breaker opened does not close it', () => {
  const early = enter();
  call(failure('rate_limited', 60_000));
  early.leave('answered');
  expect(breakers.remainingMs(model)).toBe(60_000);
});
