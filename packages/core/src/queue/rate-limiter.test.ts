import { expect, test } from 'vitest';
import { QueueUnavailable } from './queue.ts';
import { createLimiter } from './rate-limiter.ts';
import type { Shared } from './shared.ts';

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
    shared: { count: async () => [{ counted: ++counted, resetMs: 9 }] },
  });
  expect(await limiter.take('a')).toEqual({ policy, allowed: true, remaining: 1, resetMs: 9 });
  expect(await limiter.take('a')).toEqual({ policy, allowed: true, remaining: 0, resetMs: 9 });
  expect(await limiter.take('a')).toEqual({ policy, allowed: false, remaining: 0, resetMs: 9 });
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

test('an inner limit is asked with the outer one, and only by whom that one lets through', async () => {
  const asked: string[][] = [];
  const counts = new Map<string, number>();
  const shared: Pick<Shared, 'count'> = {
    async count(counters) {
      asked.push(counters.map(({ key }) => key));
      const answers = [];
      for (const { key, most } of counters) {
        const counted = (counts.get(key) ?? 0) + 1;
        counts.set(key, counted);
        answers.push({ counted, resetMs: 9 });
        if (counted > most) break;
      }
      return answers;
    },
  };
  for (const by of [shared, away]) {
    const outer = createLimiter({ name: 'address', most: 2, seconds: 60, shared: by });
    const limiter = createLimiter({ name: 'user', most: 1, seconds: 60, shared: by });
    const answers = [];
    for (let time = 0; time < 3; time += 1)
      answers.push(await outer.takeWith('here', { limiter, key: 'ada' }));
    expect(answers.map(({ policy, allowed }) => [policy.name, allowed])).toEqual([
      ['user', true],
      ['user', false],
      ['address', false],
    ]);
  }
  expect(asked).toEqual(Array(3).fill(['address:here', 'user:ada']));
  expect(counts.get('user:ada')).toBe(2);
});
