import { expect, test } from 'vitest';
import { limitConcurrency } from './limit-concurrency.ts';

test('so much runs at a time, in the order in which it came, whether it succeeds or fails', async () => {
  const inTurn = limitConcurrency(2);
  const begun: string[] = [];
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const work = (name: string) => () => {
    begun.push(name);
    const end = Promise.withResolvers<string>();
    ends.set(name, end);
    return end.promise;
  };
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => inTurn(work(name)));
  expect(begun).toEqual(['a', 'b']);
  ends.get('b')!.reject(new Error('broken'));
  await expect(b).rejects.toThrow('broken');
  expect(begun).toEqual(['a', 'b', 'c']);
  ends.get('a')!.resolve('done');
  expect(await a).toBe('done');
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  const e = inTurn(work('e'));
  ends.get('c')!.resolve('done');
  ends.get('d')!.resolve('done');
  await Promise.all([c, d]);
  expect(begun).toEqual(['a', 'b', 'c', 'd', 'e']);
  ends.get('e')!.resolve('done');
  expect(await e).toBe('done');
});
