import { beforeEach, describe, expect, test, vi } from 'vitest';
import { type Delivery, QueueUnavailable } from '../queue.ts';
import { gate, newDelivery, plain, type QueueFixture, timed, until, works } from './fixture.ts';
import { type DeadServer, type FaultyProxy, openDeadServer, openProxy } from './servers.ts';

/** A server that is away costs a producer little time and a worker none of its deliveries. */
export function testOutages(fixture: QueueFixture): void {
  describe.each([
    { kind: 'refuses connections', answer: null },
    { kind: 'accepts connections and never answers', answer: 'silence' as const },
  ])('with a server that $kind', ({ answer }) => {
    let dead: DeadServer;

    beforeEach(async () => {
      dead = await openDeadServer(fixture.url, answer);
      fixture.afterwards(() => dead.close());
    });

    test('every call of a producer fails in time and nothing is left to reject', async () => {
      const rejections = vi.fn();
      process.on('unhandledRejection', rejections);
      const away = fixture.openQueue(dead.url);
      const calls = [
        () => away.enqueue([newDelivery('a')], { timeoutMs: 300 }),
        () => away.findMissing([plain('a')], { timeoutMs: 300 }),
        () => away.epoch({ timeoutMs: 300 }),
      ];
      const tookMs = await timed(async () => {
        for (const call of calls) await expect(call()).rejects.toBeInstanceOf(QueueUnavailable);
      });
      expect(tookMs).toBeLessThan(5_000);
      expect(await timed(() => away.close())).toBeLessThan(5_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
      process.off('unhandledRejection', rejections);
      expect(rejections).not.toHaveBeenCalled();
    });

    test('a consumer drains and closes in time', async () => {
      const consumer = fixture.openConsumer(async () => undefined, { url: dead.url });
      consumer.start();
      await dead.reached;
      expect(await timed(() => consumer.drain())).toBeLessThan(5_000);
      expect(await timed(() => consumer.close({ graceMs: 200 }))).toBeLessThan(5_000);
    });
  });

  describe('with a server that comes and goes', () => {
    let proxy: FaultyProxy;

    beforeEach(async () => {
      proxy = await openProxy(fixture.url);
      fixture.afterwards(() => proxy.close());
    });

    test('a producer and a consumer that began while it was away work when it comes', async () => {
      proxy.stop();
      const producer = fixture.openQueue(proxy.url);
      await expect(producer.enqueue([newDelivery('a')], { timeoutMs: 200 })).rejects.toBeInstanceOf(
        QueueUnavailable,
      );
      const seen: Delivery[] = [];
      const consumer = fixture.openConsumer(
        async (delivery) => {
          seen.push(delivery);
        },
        { url: proxy.url },
      );
      consumer.start();
      proxy.go();
      await until(() => works(() => producer.enqueue([newDelivery('a')])), 10_000);
      await until(() => seen.length === 1, 15_000);
    });

    test('both recover from an outage, and a delivery made in it is not lost', async () => {
      const producer = fixture.openQueue(proxy.url);
      const seen: string[] = [];
      const consumer = fixture.openConsumer(
        async ({ jobId }) => {
          seen.push(jobId);
        },
        { url: proxy.url },
      );
      consumer.start();
      await producer.enqueue([newDelivery('before')]);
      await until(() => seen.length === 1);
      proxy.stop();
      await expect(producer.enqueue([newDelivery('during')], { timeoutMs: 300 })).rejects.toBeInstanceOf(
        QueueUnavailable,
      );
      await fixture.queue.enqueue([newDelivery('around')]);
      proxy.go();
      await until(() => works(() => producer.enqueue([newDelivery('after')])), 10_000);
      await until(() => seen.includes('around') && seen.includes('after'), 20_000);
    });

    test('a worker closes in time although the server froze under it', async () => {
      const started = gate();
      const busy = gate();
      const consumer = fixture.openConsumer(
        () => {
          started.open();
          return busy.opened;
        },
        { url: proxy.url },
      );
      consumer.start();
      await fixture.queue.enqueue([newDelivery('a')]);
      await started.opened;
      proxy.freeze();
      busy.open();
      expect(await timed(() => consumer.close({ graceMs: 300 }))).toBeLessThan(5_000);
    });
  });
}
