import { randomUUID } from 'node:crypto';
import { openQueue } from '@darkroom/core/queue/open';
import { createLog } from '@darkroom/core/runtime/log/log';
import { Redis } from 'ioredis';

/** The memory of one waiting delivery in Redis, and the rate of adding them. Leaves `deliveries` of them in the queue. */
export async function measureDeliveries(
  url: string,
  deliveries: number,
): Promise<{ bytesEach: number; addedPerSecond: number }> {
  const log = createLog({ level: 'silent', pretty: false, name: 'capacity' });
  const redis = new Redis(url);
  const queue = openQueue({ url, log });
  try {
    await queue.epoch();
    const before = await usedMemory(redis);
    const began = performance.now();
    for (let at = 0; at < deliveries; at += 500) {
      const batch = Array.from({ length: Math.min(500, deliveries - at) }, (_, index) => ({
        jobId: randomUUID(),
        delivery: 1,
        priority: 1 + ((at + index) % 100),
        delayMs: 0,
      }));
      await queue.enqueue(batch, { timeoutMs: 10_000 });
    }
    const seconds = (performance.now() - began) / 1_000;
    const bytesEach = Math.round(((await usedMemory(redis)) - before) / deliveries);
    return { bytesEach, addedPerSecond: Math.round(deliveries / seconds) };
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1]);
}
