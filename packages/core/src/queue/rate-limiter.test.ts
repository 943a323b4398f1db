import { expect, test } from 'vitest';
import type { Coordination } from './coordination.ts';
import { QueueUnavailable } from './queue.ts';
import { createRateLimiter } from './rate-limiter.ts';

const policy = { name: 'user', limit: 2, windowSeconds: 60 };
const away = {
  count: async () => {
    throw new QueueUnavailable('away');
  },
};

test('the count of all processes decides', async () => {
  let count = 0;
  const limiter = createRateLimiter({
    ...policy,
    coordination: { count: async () => [{ count: ++count, resetMs: 9 }] },
  });
  expect(await limiter.consume('a')).toEqual({ policy, allowed: true, remaining: 1, resetMs: 9 });
  expect(await limiter.consume('a')).toEqual({ policy, allowed: true, remaining: 0, resetMs: 9 });
  expect(await limiter.consume('a')).toEqual({ policy, allowed: false, remaining: 0, resetMs: 9 });
});

test('without coordination a process counts on its own, by key', async () => {
  const limiter = createRateLimiter({ ...policy, coordination: away });
  const answers = [];
  for (const key of ['a', 'a', 'b', 'a']) answers.push((await limiter.consume(key)).allowed);
  expect(answers).toEqual([true, true, true, false]);
  const { remaining, resetMs } = await limiter.consume('a');
  expect(remaining).toBe(0);
  expect(resetMs).toBeGreaterThan(0);
});

test('an inner limit is counted in the same call, and only if the outer one allows it', async () => {
  const asked: string[][] = [];
  const counts = new Map<string, number>();
  const coordination: Pick<Coordination, 'count'> = {
    async count(counters) {
      asked.push(counters.map(({ key }) => key));
      const answers = [];
      for (const { key, limit } of counters) {
        const count = (counts.get(key) ?? 0) + 1;
        counts.set(key, count);
        answers.push({ count, resetMs: 9 });
        if (count > limit) break;
      }
      return answers;
    },
  };
  for (const by of [coordination, away]) {
    const outer = createRateLimiter({ name: 'address', limit: 2, windowSeconds: 60, coordination: by });
    const limiter = createRateLimiter({ name: 'user', limit: 1, windowSeconds: 60, coordination: by });
    const answers = [];
    for (let time = 0; time < 3; time += 1)
      answers.push(await outer.consumeWith('here', { limiter, key: 'ada' }));
    expect(answers.map(({ policy, allowed }) => [policy.name, allowed])).toEqual([
      ['user', true],
      ['user', false],
      ['address', false],
    ]);
  }
  expect(asked).toEqual(Array(3).fill(['address:here', 'user:ada']));
  expect(counts.get('user:ada')).toBe(2);
});
