import { expect, test } from 'vitest';
import { createVerifiedTokens } from './verified-tokens.ts';

const ada = { id: 'ada', email: null, organization: null };

function setUp() {
  let time = 1_000_000;
  const verified = createVerifiedTokens({ epochMs: () => time });
  const pass = (ms: number) => {
    time += ms;
  };
  return { verified, pass, now: () => time };
}

test('a token is remembered until it expires', () => {
  const { verified, pass, now } = setUp();
  verified.add('a.b.c', ada, now() + 30_000);
  pass(29_999);
  expect(verified.find('a.b.c')).toBe(ada);
  pass(1);
  expect(verified.find('a.b.c')).toBeNull();
});

test('a long-lived token is verified again after a minute', () => {
  const { verified, pass, now } = setUp();
  verified.add('a.b.c', ada, now() + 3_600_000);
  pass(59_999);
  expect(verified.find('a.b.c')).toBe(ada);
  pass(1);
  expect(verified.find('a.b.c')).toBeNull();
});

test('other tokens do not match, and one without a future expiry is not remembered', () => {
  const { verified, now } = setUp();
  verified.add('a.b.c', ada, now() + 30_000);
  verified.add('expired', ada, now());
  verified.add('endless', ada, Number.NaN);
  for (const token of ['a.b.d', 'a.b.', '', 'expired', 'endless']) expect(verified.find(token)).toBeNull();
});

test('only the latest 10,000 tokens are remembered', () => {
  const { verified, now } = setUp();
  for (let n = 0; n <= 10_000; n += 1) verified.add(`token ${n}`, ada, now() + 30_000);
  expect(verified.find('token 0')).toBeNull();
  expect(verified.find('token 1')).toBe(ada);
  expect(verified.find('token 10000')).toBe(ada);
});
