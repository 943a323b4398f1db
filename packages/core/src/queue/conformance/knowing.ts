import { expect, test } from 'vitest';
import { openDashboardQueue } from '../dashboard.ts';
import { dropNamespace } from '../namespace.ts';
import { type Bench, gate, plain, ring, until, works } from './bench.ts';

/** The queue knows what it holds, and when it was emptied. */
export function testKnowing(bench: Bench): void {
  test('deliveries that no worker will ever get are told apart from those to come', async () => {
    const busy = gate();
    bench.consume(async ({ jobId }) => {
      if (jobId === 'broken') throw new Error('a bug');
      if (jobId === 'active') await busy.opened;
    });
    await bench.queue.deliver([ring('finished', { priority: 1 }), ring('broken', { priority: 2 })]);
    await until(async () => {
      const { completed, failed } = await bench.queue.counts();
      return completed + failed === 2;
    });
    await bench.queue.deliver([ring('active', { priority: 3 })]);
    await until(async () => (await bench.queue.counts()).active === 1);
    await bench.queue.deliver([ring('waiting', { priority: 4 }), ring('delayed', { delayMs: 60_000 })]);

    const asked = ['unknown', 'finished', 'broken', 'active', 'waiting', 'delayed'].map((id) => plain(id));
    expect(await bench.queue.gone(asked)).toEqual([plain('unknown'), plain('finished'), plain('broken')]);
    expect(await bench.queue.gone([plain('finished', 2), plain('waiting')])).toEqual([plain('finished', 2)]);
    expect(await bench.queue.gone([])).toEqual([]);
    busy.open();
  });

  test('the epoch stays while the queue has its content, for everybody who asks', async () => {
    const other = bench.openQueue();
    const epochs = await Promise.all([bench.queue.epoch(), other.epoch(), bench.queue.epoch()]);
    expect(new Set(epochs).size).toBe(1);
    expect(epochs[0]).not.toBe('');
    expect(await other.epoch()).toBe(epochs[0]);
  });

  test('an emptied queue has a new epoch, knows no delivery, and works on', async () => {
    const seen = bench.collect();
    const before = await bench.queue.epoch();
    await bench.queue.deliver([ring('a', { delayMs: 60_000 })]);
    await dropNamespace({ url: bench.url });
    await until(() => works(() => bench.queue.epoch()));
    expect(await bench.queue.epoch()).not.toBe(before);
    expect(await bench.queue.gone([plain('a')])).toEqual([plain('a')]);
    await bench.queue.deliver([ring('b')]);
    await until(() => seen.some(({ jobId }) => jobId === 'b'), 15_000);
  });

  test('queues of two namespaces see nothing of each other', async () => {
    const foreign = new URL(bench.url);
    foreign.searchParams.set('namespace', `${foreign.searchParams.get('namespace')}x`);
    const other = bench.openQueue(foreign.href);
    bench.afterwards(() => dropNamespace({ url: foreign.href }));
    await other.deliver([ring('a')]);
    expect(await bench.queue.gone([plain('a')])).toEqual([plain('a')]);
    expect(await other.epoch()).not.toBe(await bench.queue.epoch());
    await dropNamespace({ url: bench.url });
    expect((await other.counts()).waiting).toBe(1);
  });

  test('the dashboard sees the deliveries', async () => {
    await bench.queue.deliver([ring('a'), ring('b', { delayMs: 60_000 })]);
    const { queue, close } = await openDashboardQueue({ url: bench.url, log: bench.log });
    bench.afterwards(close);
    const jobs = await queue.getJobs(['prioritized', 'waiting', 'delayed']);
    expect(jobs.map(({ data }) => data.jobId).sort()).toEqual(['a', 'b']);
  });
}
