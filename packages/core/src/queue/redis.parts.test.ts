import { Redis } from 'ioredis';
import { describe, expect, inject, test } from 'vitest';
import { testQueueBackend } from './conformance.ts';
import { parseQueueUrl } from './location.ts';

const url = inject('redisUrl');

if (url) {
  testQueueBackend({ name: 'Redis', url, breakLock });
} else {
  describe('queue on Redis', () => {
    test('was not tested: this run has no Redis, which CI allows only where QUEUE_URL asks for Postgres', () => {
      const onPurpose = /^postgres(ql)?:/.test(process.env.QUEUE_URL ?? '');
      expect(onPurpose || !process.env.CI, 'CI must test the queue on Redis, and there is none').toBe(true);
    });
  });
}

async function breakLock(queueUrl: string, id: string): Promise<void> {
  const location = parseQueueUrl(queueUrl);
  const redis = new Redis(location.url);
  await redis.del(`${'prefix' in location ? location.prefix : ''}:generation:${id}:lock`);
  redis.disconnect();
}
