import { expect, test } from 'vitest';
import { createVerifiedTokens } from './verified-tokens.ts';

const ada = { id: 'ada', email: null, organization: null };

function setUp() {
  let time = 1_000_000;
  const known = createVerifiedTokens({ epochMs: () => time });
  const pass = (ms: number) => {
    time += ms;
  };
  return { known, pass, now: () => time };
}

test('a token is known until its own end, and not a moment longer', () => {
  const { known, pass, now } = setUp();
  known.add('a.b.c', ada, now() + 30_000);
  pass(29_999);
  expect(known.find('a.b.c')).toBe(ada);
  pass(1);
  expect(known.find('a.b.c')).toBeNull();
});

test('a token that lives long is verified anew every minute', () => {
  const { known, pass, now } = setUp();
  known.add('a.b.c', ada, now() + 3_600_000);
  pass(59_999);
  expect(known.find('a.b.c')).toBe(ada);
  pass(1);
  expect(known.find('a.b.c')).toBeNull();
});

test('no other token is taken for it, and one that is over or says no end is not remembered', () => {
  const { known, now } = setUp();
  known.add('a.b.c', ada, now() + 30_000);
  known.add('over', ada, now());
  known.add('endless', ada, Number.NaN);
  for (const token of ['a.b.d', 'a.b.', '', 'over', 'endless']) expect(known.find(token)).toBeNull();
});

test('of very many only the latest are remembered', () => {
  const { known, now } = setUp();
  for (let n = 0; n <= 10_000; n += 1) known.add(`token ${n}`, ada, now() + 30_000);
  expect(known.find('token 0')).toBeNull();
  expect(known.find('token 1')).toBe(ada);
  expect(known.find('token 10000')).toBe(ada);
});
