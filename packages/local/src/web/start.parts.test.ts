import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadKeys } from '../clerk/keys.ts';
import { userId } from '../clerk/user-id.ts';
import { type LocalWeb, startWeb } from './start.ts';

let web: LocalWeb;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'darkroom-keys-'));
  const keys = await loadKeys(folder);
  web = await startWeb({ keys, publishableKey: null, say: () => {} });
  await web.ready;
}, 120_000);
afterAll(async () => {
  await web.stop();
  await rm(folder, { recursive: true });
});

/** Node's own `fetch` sets the host by itself. */
async function ask(url: string, headers: Record<string, string> = {}, body?: string) {
  const sent = request(`${web.url}${url}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(body && { 'content-length': Buffer.byteLength(body) }), ...headers },
  });
  const answer = Promise.withResolvers<{ status: number; type: string; body: string }>();
  sent.on('error', answer.reject).on('response', async (response) =>
    answer.resolve({
      status: response.statusCode!,
      type: String(response.headers['content-type']),
      body: await text(response),
    }),
  );
  sent.end(body);
  return answer.promise;
}

const asJson = { 'content-type': 'application/json' };

it('serves the page, and its configuration once the API is known', async () => {
  expect(await ask('/')).toMatchObject({ status: 200, type: 'text/html; charset=utf-8' });
  expect((await ask('/config.json')).status).toBe(404);
  web.pointAt('http://127.0.0.1:1');
  expect(JSON.parse((await ask('/config.json')).body)).toEqual({
    api: 'http://127.0.0.1:1',
    clerk_publishable_key: null,
  });
  expect((await ask('/../package.json')).status).toBe(404);
});

it('signs in a name as the user of that name', async () => {
  const { status, body } = await ask('/local/sign-in', asJson, '{"name":"ada"}');
  expect(status).toBe(200);
  expect(decodeJwt(JSON.parse(body).token).sub).toBe(userId('ada'));
});

it.each([
  ['a page of another site', { ...asJson, origin: 'https://evil.example' }, '{"name":"ada"}', 403],
  ['a name that leads here but is not ours', { ...asJson, host: 'evil.example' }, '{"name":"ada"}', 403],
  ['a form, which needs no leave of the browser', { 'content-type': 'text/plain' }, '{"name":"ada"}', 403],
  ['no name', asJson, '{"name":" "}', 422],
  ['what is no JSON', asJson, 'ada', 422],
  ['too much', asJson, JSON.stringify({ name: 'a'.repeat(2_000) }), 413],
])('refuses to sign in for %s', async (_, headers, body, status) => {
  const answer = await ask('/local/sign-in', headers, body);
  expect(answer.status).toBe(status);
  expect(answer.body).not.toContain('token');
});
