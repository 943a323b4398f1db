import { expect, test } from 'vitest';
import { createTestApi } from '../../testing/test-api.ts';

const scrape = async () => ({ contentType: 'text/plain; version=0.0.4', text: 'darkroom_x 1\n' });

/** The connection as Node's HTTP server passes it. */
const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });

test('without a token configured, metrics are shown to private networks and never cached', async () => {
  const { app } = await createTestApi({ metrics: { scrape } });
  const shown = await app.request('/metrics', {}, from('127.0.0.1'));
  expect([shown.status, await shown.text()]).toEqual([200, 'darkroom_x 1\n']);
  expect(shown.headers.get('Content-Type')).toBe('text/plain; version=0.0.4');
  expect(shown.headers.get('Cache-Control')).toBe('no-store');
});

test.each([
  ['the internet', '203.0.113.9', {}],
  ['a connection without an address', '', {}],
  ['a proxy', '10.0.0.1', { 'X-Forwarded-For': '203.0.113.9' }],
  ['a proxy on this machine', '127.0.0.1', { Via: '1.1 proxy' }],
])('without a token configured, metrics are not shown to %s', async (_, address, headers) => {
  const { app } = await createTestApi({ metrics: { scrape } });
  const refused = await app.request(
    '/metrics',
    { headers: headers as Record<string, string> },
    from(address),
  );
  expect(refused.status).toBe(403);
  expect(await refused.text()).not.toContain('darkroom_x');
  expect((await app.request('/metrics', {}, from('10.0.0.1'))).status).toBe(200);
});

test('a configured token is required, and a session token does not replace it', async () => {
  const { app, alice } = await createTestApi({ metrics: { scrape, token: 'right' } });
  const ask = async (authorization?: string) =>
    (await app.request('/metrics', { headers: authorization ? { authorization } : {} })).status;
  expect(await ask('Bearer right')).toBe(200);
  expect(await ask()).toBe(401);
  expect(await ask('Bearer wrong')).toBe(401);
  expect(await ask(alice)).toBe(401);
});
