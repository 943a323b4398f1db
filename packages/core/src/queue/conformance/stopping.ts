import { expect, test } from 'vitest';
import { gate, newDelivery, plain, type QueueFixture, timed, until } from './fixture.ts';

/** Workers stop in time and lose nothing. */
export function testStopping(fixture: QueueFixture): void {
  test('a drained worker finishes what it has and leaves the rest to others', async () => {
    const busy = gate();
    const seen: string[] = [];
    const consumer = fixture.consume(async ({ jobId }) => {
      seen.push(jobId);
      await busy.opened;
    });
    await fixture.queue.enqueue([newDelivery('held')]);
    await until(() => seen.length === 1);
    await consumer.drain();
    await consumer.drain();
    await fixture.queue.enqueue([newDelivery('left')]);
    busy.open();
    await until(async () => (await fixture.queue.counts()).completed === 1);
    await consumer.close({ graceMs: 1_000 });
    expect(seen).toEqual(['held']);
    const others = fixture.collect();
    await until(() => others.length === 1);
    expect(others).toEqual([plain('left')]);
  });

  test('an idle worker that was drained takes nothing more', async () => {
    const seen: string[] = [];
    const consumer = fixture.consume(async ({ jobId }) => {
      seen.push(jobId);
    });
    await fixture.queue.enqueue([newDelivery('warm')]);
    await until(async () => (await fixture.queue.counts()).completed === 1);
    await consumer.drain();
    await fixture.queue.enqueue([newDelivery('a')]);
    const others = fixture.collect();
    await until(() => others.length === 1);
    expect(seen).toEqual(['warm']);
  });

  test('closing waits for a running handler, whose delivery counts as made', async () => {
    const started = gate();
    const busy = gate();
    const consumer = fixture.consume(() => {
      started.open();
      return busy.opened;
    });
    await fixture.queue.enqueue([newDelivery('a')]);
    await started.opened;
    const closing = consumer.close({ graceMs: 10_000 });
    busy.open();
    await closing;
    await consumer.close({ graceMs: 10_000 });
    expect(await fixture.queue.counts()).toMatchObject({ active: 0, completed: 1 });
  });

  test('closing gives up on a handler after the grace and aborts it', async () => {
    const started = gate();
    const aborted = gate();
    const consumer = fixture.consume((_delivery, signal) => {
      started.open();
      signal.addEventListener('abort', aborted.open);
      return aborted.opened;
    });
    await fixture.queue.enqueue([newDelivery('a')]);
    await started.opened;
    const tookMs = await timed(() => consumer.close({ graceMs: 300 }));
    expect(tookMs).toBeGreaterThan(280);
    expect(tookMs).toBeLessThan(5_000);
    await aborted.opened;
  });

  test('a consumer that was never started, and one that is closed at once, close', async () => {
    const idle = fixture.openConsumer(async () => undefined);
    await idle.drain();
    await idle.close({ graceMs: 1_000 });
    const hasty = fixture.consume(async () => undefined);
    expect(await timed(() => hasty.close({ graceMs: 100 }))).toBeLessThan(5_000);
  });

  test('the signal aborts when the queue lost track of a running delivery', async () => {
    const started = gate();
    const aborted = gate();
    fixture.consume(
      (_delivery, signal) => {
        started.open();
        signal.addEventListener('abort', aborted.open);
        return aborted.opened;
      },
      { lockDurationMs: 1_000 },
    );
    await fixture.queue.enqueue([newDelivery('a')]);
    await started.opened;
    await fixture.breakLock('a-1');
    await aborted.opened;
  });
}
