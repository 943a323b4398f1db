import { expect, test } from 'vitest';
import { gate, newDelivery, type QueueFixture, until } from './fixture.ts';

/** Processes that start at once, and workers that share one queue. */
export function testConcurrency(fixture: QueueFixture): void {
  test('many producers and workers that start at once agree on the queue', async () => {
    const producers = Array.from({ length: 4 }, () => fixture.openQueue());
    const seen = fixture.collect();
    await Promise.all(producers.map((one, index) => one.enqueue([newDelivery(`j${index}`)])));
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
    fixture.consume(taking('one'));
    fixture.consume(taking('two'));
    await fixture.queue.enqueue([newDelivery('a'), newDelivery('b'), newDelivery('c'), newDelivery('d')]);
    await until(async () => (await fixture.queue.counts()).completed === 4);
    expect(takers.size).toBe(2);
  });

  test('no more handlers run at once than were allowed', async () => {
    let running = 0;
    let most = 0;
    fixture.consume(
      async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 20));
        running -= 1;
      },
      { concurrency: 3 },
    );
    await fixture.queue.enqueue(Array.from({ length: 12 }, (_, index) => newDelivery(`j${index}`)));
    await until(async () => (await fixture.queue.counts()).completed === 12);
    expect(most).toBe(3);
  });
}
