import { expect, test } from 'vitest';
import { type Bench, gate, ring, until } from './bench.ts';

/** Processes that start at once, and workers that share one queue. */
export function testSharing(bench: Bench): void {
  test('many producers and workers that start at once agree on the queue', async () => {
    const producers = Array.from({ length: 4 }, () => bench.openQueue());
    const seen = bench.collect();
    await Promise.all(producers.map((one, index) => one.deliver([ring(`j${index}`)])));
    await until(() => seen.length === producers.length);
  });

  test('two workers share the work', async () => {
    const takers = new Set<string>();
    const both = gate();
    const taking = (taker: string) => async () => {
      takers.add(taker);
      if (takers.size === 2) both.open();
      await both.opened;
    };
    bench.consume(taking('one'));
    bench.consume(taking('two'));
    await bench.queue.deliver([ring('a'), ring('b'), ring('c'), ring('d')]);
    await until(async () => (await bench.queue.counts()).completed === 4);
    expect(takers.size).toBe(2);
  });

  test('no more handlers run at once than were allowed', async () => {
    let running = 0;
    let most = 0;
    bench.consume(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
      },
      { concurrency: 3 },
    );
    await bench.queue.deliver(Array.from({ length: 12 }, (_, index) => ring(`j${index}`)));
    await until(async () => (await bench.queue.counts()).completed === 12);
    expect(most).toBe(3);
  });
}
