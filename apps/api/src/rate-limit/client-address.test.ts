import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { parseTrustedProxies } from '@darkroom/core/runtime/network/client-address';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { createClientAddressOf } from './client-address.ts';

function open(trusted: readonly string[]) {
  const log = createRecordedLog();
  const senderOf = createClientAddressOf({ isTrusted: parseTrustedProxies(trusted), log });
  const app = new Hono().get('/', (c) => c.text(String(senderOf(c))));
  const ask = async (peer: string, forwardedFor?: string) => {
    const headers = forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor };
    const answer = await app.request('/', { headers }, { incoming: { socket: { remoteAddress: peer } } });
    return answer.text();
  };
  return { log, ask };
}

test('an untrusted proxy is logged once, with the remedy', async () => {
  const { log, ask } = open([]);
  await ask('10.0.0.7');
  await ask('203.0.113.1', '198.51.100.1');
  expect(log.told, 'no proxy, or none in a private network').toEqual([]);
  expect(await ask('10.0.0.7', '198.51.100.1')).toBe('10.0.0.7');
  await ask('10.0.0.7', '198.51.100.2');
  expect(log.told.map(({ name, fields }) => [name, fields])).toEqual([
    ['proxy_not_trusted', { peer: '10.0.0.7', remedy: expect.stringContaining('TRUSTED_PROXIES') }],
  ]);
});

test('a trusted proxy’s X-Forwarded-For is used', async () => {
  const { log, ask } = open(['private']);
  expect(await ask('10.0.0.7', '198.51.100.1')).toBe('198.51.100.1');
  expect(log.told).toEqual([]);
});
