import { expect, test } from 'vitest';
import type { Delivery } from '../queue.ts';
import type { Bench } from './bench.ts';
import { ring, until } from './bench.ts';

/** Every delivery is made once, in order, at its time. */
export function testDelivering(bench: Bench): void {
  test('a delivery reaches a worker once, with its job and number', async () => {
    await bench.queue.deliver([ring('a')]);
    const seen = bench.collect();
    await until(async () => (await bench.queue.counts()).completed === 1);
    expect(seen).toEqual([{ jobId: 'a', delivery: 1 }]);
  });

  test('an idle worker takes a delivery at once, not when it next looks by itself', async () => {
    const seen = bench.collect();
    await bench.queue.deliver([ring('first')]);
    await until(() => seen.length === 1);
    const rungAt = performance.now();
    await bench.queue.deliver([ring('second')]);
    await until(() => seen.length === 2);
    expect(performance.now() - rungAt).toBeLessThan(4_000);
  });

  test('urgent deliveries are made first, and equal ones in the order they came', async () => {
    await bench.queue.deliver([
      ring('late', { priority: 900 }),
      ring('first', { priority: 1 }),
      ring('second', { priority: 1 }),
      ring('last', { priority: 9_999_999 }),
      ring('below', { priority: -5 }),
    ]);
    const seen = bench.collect();
    await until(() => seen.length === 5);
    expect(seen.map(({ jobId }) => jobId)).toEqual(['first', 'second', 'below', 'late', 'last']);
  });

  test('a delayed delivery is not made before its time, and soon after', async () => {
    const seen: number[] = [];
    bench.consume(async () => {
      seen.push(performance.now());
    });
    const rungAt = performance.now();
    await bench.queue.deliver([ring('a', { delayMs: 700 })]);
    await until(() => seen.length === 1);
    expect(seen[0]! - rungAt).toBeGreaterThan(650);
    expect(seen[0]! - rungAt).toBeLessThan(6_000);
  });

  test('the same delivery given twice is one', async () => {
    await bench.queue.deliver([ring('a'), ring('a')]);
    await bench.queue.deliver([ring('a')]);
    expect((await bench.queue.counts()).waiting).toBe(1);
    const seen = bench.collect();
    await until(async () => (await bench.queue.counts()).completed === 1);
    await bench.queue.deliver([ring('a'), ring('b')]);
    await until(async () => (await bench.queue.counts()).completed === 2);
    expect(seen.map(({ jobId }) => jobId)).toEqual(['a', 'b']);
  });

  test('the next delivery of a job is made although the queue still keeps the one before', async () => {
    const seen = bench.collect();
    await bench.queue.deliver([ring('a')]);
    await until(async () => (await bench.queue.counts()).completed === 1);
    await bench.queue.deliver([ring('a', {}, 2)]);
    await until(async () => (await bench.queue.counts()).completed === 2);
    expect(seen).toEqual([
      { jobId: 'a', delivery: 1 },
      { jobId: 'a', delivery: 2 },
    ]);
  });

  test('many deliveries given at once all arrive', async () => {
    const many = Array.from({ length: 300 }, (_, index) => ring(`job-${index}`));
    await bench.queue.deliver(many);
    const seen = bench.collect({ concurrency: 20 });
    await until(() => seen.length === 300);
    expect(new Set(seen.map(({ jobId }) => jobId)).size).toBe(300);
  });

  test('a handler that asks for a delay gets the same delivery again after it', async () => {
    const seen: [Delivery, number][] = [];
    bench.consume(async (delivery) => {
      seen.push([delivery, performance.now()]);
      return seen.length === 1 ? { delayMs: 400 } : undefined;
    });
    await bench.queue.deliver([ring('a')]);
    await until(async () => (await bench.queue.counts()).completed === 1);
    expect(seen.map(([delivery]) => delivery)).toEqual([
      { jobId: 'a', delivery: 1 },
      { jobId: 'a', delivery: 1 },
    ]);
    expect(seen[1]![1] - seen[0]![1]).toBeGreaterThan(350);
  });

  test('a handler that throws is not called again, and the next delivery is made', async () => {
    const seen: string[] = [];
    bench.consume(async ({ jobId }) => {
      seen.push(jobId);
      if (jobId === 'bad') throw new Error('a bug');
    });
    await bench.queue.deliver([ring('bad'), ring('good')]);
    await until(async () => {
      const { completed, failed } = await bench.queue.counts();
      return completed === 1 && failed === 1;
    });
    expect(seen).toEqual(['bad', 'good']);
  });
}
