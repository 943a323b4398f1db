import { type Context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { createRecordedLog } from '../log/recorded.ts';
import { openTracing } from './open.ts';
import { createSampler } from './sampler.ts';
import { scrubbing } from './scrubbing.ts';
import { traceContext } from './trace-context.ts';
import { noTracing } from './tracing.ts';

const traceId = 'ab'.repeat(16);
const spanId = 'cd'.repeat(8);
const getter = { keys: Object.keys, get: (carrier: any, key: string) => carrier[key] };
const setter = {
  set: (carrier: any, key: string, value: string) => void Object.assign(carrier, { [key]: value }),
};
const contextOf = (traceparent: unknown): Context =>
  traceContext.extract(ROOT_CONTEXT, { traceparent }, getter);

test('without a collector nothing is recorded', async () => {
  const options = { service: 'api', version: '1', log: createRecordedLog() };
  const tracing = await openTracing({ headers: {}, share: 1 }, options);
  expect(tracing).toBe(noTracing);
  expect(await tracing.span('work', {}, async () => 7)).toBe(7);
});

test('a traceparent is read and written as it was', () => {
  const traceparent = `00-${traceId}-${spanId}-01`;
  const carrier = {};
  traceContext.inject(contextOf(traceparent), carrier, setter);
  expect(carrier).toEqual({ traceparent });
});

test.each([
  undefined,
  '',
  'ff-00-00-00',
  `ff-${traceId}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${spanId}`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
])('a broken traceparent counts as none: %s', (traceparent) => {
  expect(trace.getSpanContext(contextOf(traceparent))).toBeUndefined();
});

test('a trace is gone on with as it was begun; only requests and deliveries begin one', () => {
  const decide = (parent: Context, kind: SpanKind, share = 1) =>
    createSampler({ share }).shouldSample(parent, traceId, 'x', kind, {}, []).decision > 0;
  expect(decide(contextOf(`00-${traceId}-${spanId}-01`), SpanKind.INTERNAL, 0)).toBe(true);
  expect(decide(contextOf(`00-${traceId}-${spanId}-00`), SpanKind.SERVER, 1)).toBe(false);
  expect(decide(ROOT_CONTEXT, SpanKind.SERVER)).toBe(true);
  expect(decide(ROOT_CONTEXT, SpanKind.CONSUMER)).toBe(true);
  expect(decide(ROOT_CONTEXT, SpanKind.INTERNAL)).toBe(false);
  expect(decide(ROOT_CONTEXT, SpanKind.PRODUCER)).toBe(false);
  expect(decide(ROOT_CONTEXT, SpanKind.SERVER, 0)).toBe(false);
});

test('what a log would not write leaves with no span', () => {
  const sent: ReadableSpan[] = [];
  const exporter = scrubbing({
    export: (spans) => void sent.push(...spans),
    shutdown: async () => {},
  });
  const span = {
    attributes: { prompt: 'hidden', 'gen_ai.request.model': 'first', api_key: 'hidden' },
    events: [{ attributes: { 'exception.message': 'redis://user:hidden@host refused Bearer hidden' } }],
    status: { code: 2, message: 'GET https://x.test/?key=hidden' },
  } as unknown as ReadableSpan;
  exporter.export([span], () => {});
  expect(JSON.stringify(sent)).not.toContain('hidden');
  expect(sent[0]?.attributes).toMatchObject({ 'gen_ai.request.model': 'first' });
});
