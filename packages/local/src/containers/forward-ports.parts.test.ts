import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type ForwardedPorts, forwardPorts } from './forward-ports.ts';

const behind = createServer((request, response) => response.end(request.headers.host));
let forwarded: ForwardedPorts | undefined;
afterEach(async () => {
  await forwarded?.close();
  behind.close();
});

test('forwards ports of this machine under another host name unchanged, and leaves other addresses alone', async () => {
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const { port } = behind.address() as AddressInfo;
  forwarded = await forwardPorts(
    { HERE: `http://127.0.0.1:${port}/path`, THERE: 'https://example.com', OTHER: 'text' },
    { hostname: 'localhost', ports: { HERE: 0, THERE: 0, MISSING: 0 } },
  );

  expect(forwarded.variables).toMatchObject({ THERE: 'https://example.com', OTHER: 'text' });
  expect(forwarded.variables.HERE).toMatch(/^http:\/\/localhost:\d+\/path$/);
  expect(forwarded.variables.HERE).not.toContain(`:${port}/`);
  const answer = await fetch(forwarded.variables.HERE as string);
  expect(await answer.text()).toBe(new URL(forwarded.variables.HERE as string).host);

  await forwarded.close();
  await forwarded.close();
  await expect(fetch(forwarded.variables.HERE as string)).rejects.toThrow();
});
