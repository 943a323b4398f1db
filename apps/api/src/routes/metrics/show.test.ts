import { createLogContext } from '@darkroom/core/runtime/log/context';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { expect, it } from 'vitest';
import { createTestApi } from '../../testing/test-api.ts';

const scrape = async () => ({ contentType: 'text/plain; version=0.0.4', text: 'darkroom_x 1\n' });

/** As node's server gives it. */
const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });

it('shows metrics to who is near where no token is asked for, and never from a cache', async () => {
  const { app } = await createTestApi({ metrics: { scrape } });
  const shown = await app.request('/metrics', {}, from('127.0.0.1'));
  expect([shown.status, await shown.text()]).toEqual([200, 'darkroom_x 1\n']);
  expect(shown.headers.get('Content-Type')).toBe('text/plain; version=0.0.4');
  expect(shown.headers.get('Cache-Control')).toBe('no-store');
});

it.each([
  ['the internet', '203.0.113.9', {}],
  ['nobody knows where', '', {}],
  ['a proxy', '10.0.0.1', { 'X-Forwarded-For': '203.0.113.9' }],
  ['a proxy on this machine', '127.0.0.1', { Via: '1.1 proxy' }],
])('shows none without a token to what comes from %s', async (_, address, headers) => {
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

it('shows them to the holder of the token alone, a signed-in user not among them', async () => {
  const { app, alice } = await createTestApi({ metrics: { scrape, token: 'right' } });
  const ask = async (authorization?: string) =>
    (await app.request('/metrics', { headers: authorization ? { authorization } : {} })).status;
  expect(await ask('Bearer right')).toBe(200);
  expect(await ask()).toBe(401);
  expect(await ask('Bearer wrong')).toBe(401);
  expect(await ask(alice)).toBe(401);
});

it('puts the id of a request on every line that it brings about', async () => {
  const recorded = createRecordedLog();
  const { log, within } = createLogContext(recorded);
  const api = await createTestApi({ log, within });
  api.broken.queue = true;
  await api.post({ prompt: 'a fox' }, { 'X-Request-Id': 'request-1' });
  const told = recorded.told.map(({ name, fields }) => [name, fields.request_id]);
  expect(told).toEqual([
    ['job_created', 'request-1'],
    ['queue_unavailable', 'request-1'],
    ['request_finished', 'request-1'],
  ]);
});
