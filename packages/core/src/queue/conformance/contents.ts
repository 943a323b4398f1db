import { expect, test } from 'vitest';
import { openDashboardQueue } from '../dashboard.ts';
import { dropNamespace } from '../namespace.ts';
import { gate, newDelivery, plain, type QueueFixture, until, works } from './fixture.ts';

/** The queue knows what it holds, and when it was emptied. */
export function testContents(fixture: QueueFixture): void {
  test('deliveries that no worker will ever get are told apart from those to come', async () => {
    const busy = gate();
    fixture.consume(async ({ jobId }) => {
      if (jobId === 'broken') throw new Error('a bug');
      if (jobId === 'active') await busy.opened;
    });
    await fixture.queue.enqueue([
      newDelivery('finished', { priority: 1 }),
      newDelivery('broken', { priority: 2 }),
    ]);
    await until(async () => {
      const { completed, failed } = await fixture.queue.counts();
      return completed + failed === 2;
    });
    await fixture.queue.enqueue([newDelivery('active', { priority: 3 })]);
    await until(async () => (await fixture.queue.counts()).active === 1);
    await fixture.queue.enqueue([
      newDelivery('waiting', { priority: 4 }),
      newDelivery('delayed', { delayMs: 60_000 }),
    ]);

    const asked = ['unknown', 'finished', 'broken', 'active', 'waiting', 'delayed'].map((id) => plain(id));
    expect(await fixture.queue.findMissing(asked)).toEqual([
      plain('unknown'),
      plain('finished'),
      plain('broken'),
    ]);
    expect(await fixture.queue.findMissing([plain('finished', 2), plain('waiting')])).toEqual([
      plain('finished', 2),
    ]);
    expect(await fixture.queue.findMissing([])).toEqual([]);
    busy.open();
  });

  test('the epoch stays while the queue has its content, for everybody who asks', async () => {
    const other = fixture.openQueue();
    const epochs = await Promise.all([fixture.queue.epoch(), other.epoch(), fixture.queue.epoch()]);
    expect(new Set(epochs).size).toBe(1);
    expect(epochs[0]).not.toBe('');
    expect(await other.epoch()).toBe(epochs[0]);
  });

  test('an emptied queue has a new epoch, knows no delivery, and works on', async () => {
    const seen = fixture.collect();
    const before = await fixture.queue.epoch();
    await fixture.queue.enqueue([newDelivery('a', { delayMs: 60_000 })]);
    await dropNamespace({ url: fixture.url });
    await until(() => works(() => fixture.queue.epoch()));
    expect(await fixture.queue.epoch()).not.toBe(before);
    expect(await fixture.queue.findMissing([plain('a')])).toEqual([plain('a')]);
    await fixture.queue.enqueue([newDelivery('b')]);
    await until(() => seen.some(({ jobId }) => jobId === 'b'), 15_000);
  });

  test('queues of two namespaces see nothing of each other', async () => {
    const foreign = new URL(fixture.url);
    foreign.searchParams.set('namespace', `${foreign.searchParams.get('namespace')}x`);
    const other = fixture.openQueue(foreign.href);
    fixture.afterwards(() => dropNamespace({ url: foreign.href }));
    await other.enqueue([newDelivery('a')]);
    expect(await fixture.queue.findMissing([plain('a')])).toEqual([plain('a')]);
    expect(await other.epoch()).not.toBe(await fixture.queue.epoch());
    await dropNamespace({ url: fixture.url });
    expect((await other.counts()).waiting).toBe(1);
  });

  test('the dashboard sees the deliveries', async () => {
    await fixture.queue.enqueue([newDelivery('a'), newDelivery('b', { delayMs: 60_000 })]);
    const { queue, close } = await openDashboardQueue({ url: fixture.url, log: fixture.log });
    fixture.afterwards(close);
    const jobs = await queue.getJobs(['prioritized', 'waiting', 'delayed']);
    expect(jobs.map(({ data }) => data.jobId).sort()).toEqual(['a', 'b']);
  });
}
