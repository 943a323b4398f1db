import { noTracing, type SpanOptions, type Tracing } from '@darkroom/core/runtime/trace/tracing';
import { expect, test } from 'vitest';
import { createTestApi } from '../testing/test-api.ts';

const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;

test('a client’s trace is linked; a trusted proxy’s trace is continued', async () => {
  const spans: SpanOptions[] = [];
  const tracing: Tracing = {
    ...noTracing,
    enabled: true,
    span(_, options, work) {
      spans.push(options);
      return work({ rename: () => {}, set: () => {}, fail: () => {} });
    },
  };
  const { app } = await createTestApi({ tracing });
  const { app: trusting } = await createTestApi({ tracing, limits: limitsThatTrust('10.0.0.1') });
  const connection = { incoming: { socket: { remoteAddress: '10.0.0.1' } } };
  await app.request('/v1/me', { headers: { traceparent } }, connection);
  await trusting.request('/v1/me', { headers: { traceparent } }, connection);
  await trusting.request('/v1/me', {}, connection);
  expect(spans).toEqual([
    { kind: 'server', parent: null, link: traceparent },
    { kind: 'server', parent: traceparent },
    { kind: 'server', parent: null },
  ]);
});

function limitsThatTrust(proxy: string) {
  const policy = { name: 'any', limit: 9, windowSeconds: 60 };
  const take = async () => ({ policy, allowed: true, remaining: 9, resetMs: 60_000 });
  const limiter = { policy, consume: take, consumeWith: take, consumeLocally: take };
  return { address: limiter, user: limiter, isTrustedProxy: (address: string) => address === proxy };
}
