import { expect, test } from 'vitest';
import type { Delivery } from '../queue.ts';
import type { QueueFixture } from './fixture.ts';
import { newDelivery, until } from './fixture.ts';

/** Every delivery is made once, in order, at its time. */
export function testDelivery(fixture: QueueFixture): void {
  test('a delivery reaches a worker once, with its job and number', async () => {
    await fixture.queue.enqueue([newDelivery('a')]);
    const seen = fixture.collect();
    await until(async () => (await fixture.queue.counts()).completed === 1);
    expect(seen).toEqual([{ jobId: 'a', delivery: 1 }]);
  });

  test('an idle worker takes a delivery at once, not when it next looks by itself', async () => {
    const seen = fixture.collect();
    await fixture.queue.enqueue([newDelivery('first')]);
    await until(() => seen.length === 1);
    const enqueuedAt = performance.now();
    await fixture.queue.enqueue([newDelivery('second')]);
    await until(() => seen.length === 2);
    expect(performance.now() - enqueuedAt).toBeLessThan(4_000);
  });

  test('urgent deliveries are made first, and equal ones in the order they came', async () => {
    await fixture.queue.enqueue([
      newDelivery('late', { priority: 900 }),
      newDelivery('first', { priority: 1 }),
      newDelivery('second', { priority: 1 }),
      newDelivery('last', { priority: 9_999_999 }),
      newDelivery('below', { priority: -5 }),
    ]);
    const seen = fixture.collect();
    await until(() => seen.length === 5);
    expect(seen.map(({ jobId }) => jobId)).toEqual(['first', 'second', 'below', 'late', 'last']);
  });

  test('a delayed delivery is not made before its time, and soon after', async () => {
    const seen: number[] = [];
    fixture.consume(async () => {
      seen.push(performance.now());
    });
    const enqueuedAt = performance.now();
    await fixture.queue.enqueue([newDelivery('a', { delayMs: 700 })]);
    await until(() => seen.length === 1);
    expect(seen[0]! - enqueuedAt).toBeGreaterThan(650);
    expect(seen[0]! - enqueuedAt).toBeLessThan(6_000);
  });

  test('the same delivery given twice is one', async () => {
    await fixture.queue.enqueue([newDelivery('a'), newDelivery('a')]);
    await fixture.queue.enqueue([newDelivery('a')]);
    expect((await fixture.queue.counts()).waiting).toBe(1);
    const seen = fixture.collect();
    await until(async () => (await fixture.queue.counts()).completed === 1);
    await fixture.queue.enqueue([newDelivery('a'), newDelivery('b')]);
    await until(async () => (await fixture.queue.counts()).completed === 2);
    expect(seen.map(({ jobId }) => jobId)).toEqual(['a', 'b']);
  });

  test('the next delivery of a job is made although the queue still keeps the one before', async () => {
    const seen = fixture.collect();
    await fixture.queue.enqueue([newDelivery('a')]);
    await until(async () => (await fixture.queue.counts()).completed === 1);
    await fixture.queue.enqueue([newDelivery('a', {}, 2)]);
    await until(async () => (await fixture.queue.counts()).completed === 2);
    expect(seen).toEqual([
      { jobId: 'a', delivery: 1 },
      { jobId: 'a', delivery: 2 },
    ]);
  });

  test('many deliveries given at once all arrive', async () => {
    const many = Array.from({ length: 300 }, (_, index) => newDelivery(`job-${index}`));
    await fixture.queue.enqueue(many);
    const seen = fixture.collect({ concurrency: 20 });
    await until(() => seen.length === 300);
    expect(new Set(seen.map(({ jobId }) => jobId)).size).toBe(300);
  });

  test('a handler that asks for a delay gets the same delivery again after it', async () => {
    const seen: [Delivery, number][] = [];
    fixture.consume(async (delivery) => {
      seen.push([delivery, performance.now()]);
      return seen.length === 1 ? { delayMs: 400 } : undefined;
    });
    await fixture.queue.enqueue([newDelivery('a')]);
    await until(async () => (await fixture.queue.counts()).completed === 1);
    expect(seen.map(([delivery]) => delivery)).toEqual([
      { jobId: 'a', delivery: 1 },
      { jobId: 'a', delivery: 1 },
    ]);
    expect(seen[1]![1] - seen[0]![1]).toBeGreaterThan(350);
  });

  test('a handler that throws is not called again, and the next delivery is made', async () => {
    const seen: string[] = [];
    fixture.consume(async ({ jobId }) => {
      seen.push(jobId);
      if (jobId === 'bad') throw new Error('a bug');
    });
    await fixture.queue.enqueue([newDelivery('bad'), newDelivery('good')]);
    await until(async () => {
      const { completed, failed } = await fixture.queue.counts();
      return completed === 1 && failed === 1;
    });
    expect(seen).toEqual(['bad', 'good']);
  });
}
