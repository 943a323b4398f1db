import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createByteBudget } from './byte-budget.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const open = () => createByteBudget({ mostBytes: 10, mostWaiting: 2, patienceMs: 5_000 });
const busy = { problem: { code: 'service_unavailable', headers: { 'Retry-After': '5' } } };

test('no more is held at a time than was said, and who waits comes in turn', async () => {
  const budget = open();
  const came: string[] = [];
  const [first, second] = [await budget.take(6), await budget.take(4)];
  const large = budget.take(7).then((giveBack) => {
    came.push('large');
    return giveBack;
  });
  const small = budget.take(1).then(() => came.push('small'));
  second();
  second();
  await vi.advanceTimersByTimeAsync(0);
  expect(came, 'a small one overtakes nobody').toEqual([]);
  first();
  await Promise.all([large, small]);
  expect(came).toEqual(['large', 'small']);
  (await large)();
  expect(await budget.take(9)).toBeTypeOf('function');
});

test('who comes when the line is full, or waits in vain, is told when to come again', async () => {
  const budget = open();
  const giveBack = await budget.take(10);
  const waiting = [budget.take(1), budget.take(1)].map((one) => expect(one).rejects.toMatchObject(busy));
  await expect(budget.take(1)).rejects.toMatchObject(busy);
  await vi.advanceTimersByTimeAsync(5_000);
  await Promise.all(waiting);
  giveBack();
  expect(await budget.take(10)).toBeTypeOf('function');
});

test('what is larger than all there is comes in alone', async () => {
  expect(await open().take(11)).toBeTypeOf('function');
});
