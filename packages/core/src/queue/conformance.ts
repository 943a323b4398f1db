import { describe } from 'vitest';
import { testConcurrency } from './conformance/concurrency.ts';
import { testContents } from './conformance/contents.ts';
import { testDelivery } from './conformance/delivery.ts';
import { type QueueBackendUnderTest, useQueueFixture } from './conformance/fixture.ts';
import { testOutages } from './conformance/outages.ts';
import { testStopping } from './conformance/stopping.ts';

declare module 'vitest' {
  interface ProvidedContext {
    postgresUrl: string;
    /** Null when the run has no Redis. */
    redisUrl: string | null;
  }
}

/** What every queue backend must guarantee. Each test has a namespace of its own. */
export function testQueueBackend(backend: QueueBackendUnderTest): void {
  describe(`queue on ${backend.name}`, () => {
    const fixture = useQueueFixture(backend);
    testDelivery(fixture);
    testContents(fixture);
    testConcurrency(fixture);
    testStopping(fixture);
    testOutages(fixture);
  });
}
