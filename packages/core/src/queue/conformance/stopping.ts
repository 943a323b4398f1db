import { expect, test } from 'vitest';
import { type Bench, gate, plain, ring, timed, until } from './bench.ts';

/** Workers stop in time and lose nothing. */
export function testStopping(bench: Bench): void {
  test('a drained worker finishes what it has and leaves the rest to others', async () => {
    const busy = gate();
    const seen: string[] = [];
    const consumer = bench.consume(async ({ jobId }) => {
      seen.push(jobId);
      await busy.opened;
    });
    await bench.queue.deliver([ring('held')]);
    await until(() => seen.length === 1);
    await consumer.drain();
    await consumer.drain();
    await bench.queue.deliver([ring('left')]);
    busy.open();
    await until(async () => (await bench.queue.counts()).completed === 1);
    await consumer.close({ graceMs: 1_000 });
    expect(seen).toEqual(['held']);
    const others = bench.collect();
    await until(() => others.length === 1);
    expect(others).toEqual([plain('left')]);
  });

  test('an idle worker that was drained takes nothing more', async () => {
    const seen: string[] = [];
    const consumer = bench.consume(async ({ jobId }) => {
      seen.push(jobId);
    });
    await bench.queue.deliver([ring('warm')]);
    await until(async () => (await bench.queue.counts()).completed === 1);
    await consumer.drain();
    await bench.queue.deliver([ring('a')]);
    const others = bench.collect();
    await until(() => others.length === 1);
    expect(seen).toEqual(['warm']);
  });

  test('closing waits for a running handler, whose delivery counts as made', async () => {
    const started = gate();
    const busy = gate();
    const consumer = bench.consume(() => {
      started.open();
      return busy.opened;
    });
    await bench.queue.deliver([ring('a')]);
    await started.opened;
    const closing = consumer.close({ graceMs: 10_000 });
    busy.open();
    await closing;
    await consumer.close({ graceMs: 10_000 });
    expect(await bench.queue.counts()).toMatchObject({ active: 0, completed: 1 });
  });

  test('closing gives up on a handler after the grace and aborts it', async () => {
    const started = gate();
    const aborted = gate();
    const consumer = bench.consume((_delivery, signal) => {
      started.open();
      signal.addEventListener('abort', aborted.open);
      return aborted.opened;
    });
    await bench.queue.deliver([ring('a')]);
    await started.opened;
    const tookMs = await timed(() => consumer.close({ graceMs: 300 }));
    expect(tookMs).toBeGreaterThan(280);
    expect(tookMs).toBeLessThan(5_000);
    await aborted.opened;
  });

  test('a consumer that was never started, and one that is closed at once, close', async () => {
    const idle = bench.openConsumer(async () => undefined);
    await idle.drain();
    await idle.close({ graceMs: 1_000 });
    const hasty = bench.consume(async () => undefined);
    expect(await timed(() => hasty.close({ graceMs: 100 }))).toBeLessThan(5_000);
  });

  test('the signal aborts when the queue lost track of a running delivery', async () => {
    const started = gate();
    const aborted = gate();
    bench.consume(
      (_delivery, signal) => {
        started.open();
        signal.addEventListener('abort', aborted.open);
        return aborted.opened;
      },
      { lockDurationMs: 1_000 },
    );
    await bench.queue.deliver([ring('a')]);
    await started.opened;
    await bench.breakLock('a-1');
    await aborted.opened;
  });
}
