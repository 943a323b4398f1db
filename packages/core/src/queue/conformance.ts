import { describe } from 'vitest';
import { type QueueBackendUnderTest, useBench } from './conformance/bench.ts';
import { testDelivering } from './conformance/delivering.ts';
import { testKnowing } from './conformance/knowing.ts';
import { testOutages } from './conformance/outages.ts';
import { testSharing } from './conformance/sharing.ts';
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
    const bench = useBench(backend);
    testDelivering(bench);
    testKnowing(bench);
    testSharing(bench);
    testStopping(bench);
    testOutages(bench);
  });
}
