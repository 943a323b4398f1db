import { expect, test } from 'vitest';
import { QueueUnavailable } from '../queue/queue.ts';
import { createLimiter } from './limiter.ts';

const policy = { name: 'user', most: 2, seconds: 60 };
const away = {
  count: async () => {
    throw new QueueUnavailable('away');
  },
};

test('what is counted together decides', async () => {
  let counted = 0;
  const limiter = createLimiter({
    ...policy,
    shared: { count: async () => ({ counted: ++counted, resetMs: 9 }) },
  });
  expect(await limiter.take('a')).toEqual({ allowed: true, remaining: 1, resetMs: 9 });
  expect(await limiter.take('a')).toEqual({ allowed: true, remaining: 0, resetMs: 9 });
  expect(await limiter.take('a')).toEqual({ allowed: false, remaining: 0, resetMs: 9 });
});

test('a process that is alone counts for itself, each key apart', async () => {
  const limiter = createLimiter({ ...policy, shared: away });
  const answers = [];
  for (const key of ['a', 'a', 'b', 'a']) answers.push((await limiter.take(key)).allowed);
  expect(answers).toEqual([true, true, true, false]);
  const { remaining, resetMs } = await limiter.take('a');
  expect(remaining).toBe(0);
  expect(resetMs).toBeGreaterThan(0);
});
