import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { createRecordedLog } from '../runtime/log/recorded.ts';
import { openQueueControl } from './control.ts';
import { dropNamespace } from './namespace.ts';
import { openConsumer, openQueue } from './open.ts';

const servers = [
  ['Redis', inject('redisUrl')],
  ['PostgreSQL', inject('postgresUrl')],
] as const;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function setUp(server: string) {
  const url = `${server}?namespace=control_${Math.random().toString(36).slice(2, 10)}`;
  const log = createRecordedLog();
  closing.push(() => dropNamespace({ url }));
  const queue = openQueue({ url, log });
  closing.push(() => queue.close());
  await queue.epoch({ timeoutMs: 10_000 });
  const control = await openQueueControl({ url, log });
  closing.push(() => control.close());
  const taken: string[] = [];
  const hold = Promise.withResolvers<void>();
  const consumer = openConsumer({
    url,
    log,
    name: 'tester',
    concurrency: 4,
    async handler({ jobId }) {
      taken.push(jobId);
      if (jobId === 'held') await hold.promise;
      return undefined;
    },
  });
  closing.push(() => consumer.close({ graceMs: 0 }));
  consumer.start();
  const deliver = (jobId: string) =>
    queue.enqueue([{ jobId, delivery: 1, priority: 1, delayMs: 0 }], { timeoutMs: 5_000 });
  return { queue, control, deliver, taken, release: hold.resolve };
}

describe.each(servers)('the queue on %s', (_, server) => {
  test.skipIf(!server)('is paused without losing anything, and goes on where it was', async () => {
    const { queue, control, deliver, taken } = await setUp(server ?? '');
    await deliver('first');
    await vi.waitFor(() => expect(taken).toEqual(['first']), { timeout: 20_000 });
    expect(await queue.isPaused()).toBe(false);
    await control.pause();
    expect(await queue.isPaused()).toBe(true);
    await control.pause();
    await deliver('second');
    expect(await control.status()).toMatchObject({ paused: true, waiting: 1, active: 0 });
    await control.resume();
    await vi.waitFor(() => expect(taken).toEqual(['first', 'second']), { timeout: 20_000 });
    expect(await control.status()).toMatchObject({ paused: false });
  });

  test.skipIf(!server)('is drained once what is in hand has ended, and keeps what waits', async () => {
    const { control, deliver, taken, release } = await setUp(server ?? '');
    await deliver('held');
    await vi.waitFor(() => expect(taken).toEqual(['held']), { timeout: 20_000 });
    expect(await control.drain({ timeoutMs: 0 })).toMatchObject({ paused: true, active: 1 });
    await deliver('waits');
    release();
    expect(await control.drain({ timeoutMs: 20_000 })).toMatchObject({ paused: true, active: 0, waiting: 1 });
    expect(taken).toEqual(['held']);
  });
});
