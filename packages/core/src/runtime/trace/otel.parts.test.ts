import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createRecordedLog } from '../log/recorded.ts';
import { openTracing } from './open.ts';

const traceId = 'ab'.repeat(16);
const traceparent = `00-${traceId}-${'cd'.repeat(8)}-01`;

/** What a collector is sent of a request that comes with a trace of somebody else's. */
async function recorded(share: number): Promise<any[]> {
  const spans: any[] = [];
  const server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    spans.push(...body.resourceSpans.flatMap((one: any) => one.scopeSpans.flatMap((two: any) => two.spans)));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = { service: 'api', version: '1', log: createRecordedLog() };
  const tracing = await openTracing({ endpoint, share }, options);
  await tracing.span('GET', { kind: 'server', parent: null, link: traceparent }, async () => undefined);
  await tracing.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return spans;
}

test('a trace that is only linked to is named, and does not decide what is recorded', async () => {
  const [span, ...more] = await recorded(1);
  expect(more).toEqual([]);
  expect(span.links).toMatchObject([{ traceId }]);
  expect(span.traceId).not.toBe(traceId);
  expect(span.parentSpanId).toBeUndefined();
  expect(await recorded(0)).toEqual([]);
});
