import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Doors, openDoors } from './doors.ts';

const behind = createServer((request, response) => response.end(request.headers.host));
let doors: Doors | undefined;
afterEach(async () => {
  await doors?.close();
  behind.close();
});

test('what listens on this machine alone is reached by the other name, unchanged on the way; what is elsewhere is left alone', async () => {
  behind.listen(0, '127.0.0.1');
  await once(behind, 'listening');
  const { port } = behind.address() as AddressInfo;
  doors = await openDoors(
    { HERE: `http://127.0.0.1:${port}/path`, THERE: 'https://example.com', OTHER: 'text' },
    { hostname: 'localhost', ports: { HERE: 0, THERE: 0, MISSING: 0 } },
  );

  expect(doors.variables).toMatchObject({ THERE: 'https://example.com', OTHER: 'text' });
  expect(doors.variables.HERE).toMatch(/^http:\/\/localhost:\d+\/path$/);
  expect(doors.variables.HERE).not.toContain(`:${port}/`);
  const answer = await fetch(doors.variables.HERE as string);
  expect(await answer.text()).toBe(new URL(doors.variables.HERE as string).host);

  await doors.close();
  await doors.close();
  await expect(fetch(doors.variables.HERE as string)).rejects.toThrow();
});
