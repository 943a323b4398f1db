import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { createSessionTokens } from './testing/session-tokens.ts';

/** A closed port, so that every part is unreachable. */
const closedPort = '127.0.0.1:9';
let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

test.each(['SIGTERM', 'SIGINT', 'disconnect'] as const)(
  'the process starts without its parts, reports its URL, and exits with 0 on %s',
  async (end) => {
    child = run(environment());
    const [ready] = (await once(child, 'message')) as [{ event: string; url: string }];
    expect(ready).toEqual({ event: 'ready', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
    expect((await fetch(`${ready.url}/health/live`)).status).toBe(200);
    expect((await fetch(`${ready.url}/health/ready`)).status).toBe(503);
    const exited = once(child, 'exit');
    if (end === 'disconnect') child.disconnect();
    else child.kill(end);
    expect(await exited).toEqual([0, null]);
  },
);

test('a draining process is not ready but still responds, and exits with 0', async () => {
  child = run({ ...environment(), DRAIN_DELAY: '5s' });
  const [ready] = (await once(child, 'message')) as [{ url: string }];
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await expect
    .poll(
      async () => ((await (await fetch(`${ready.url}/health/ready`)).json()) as { detail: string }).detail,
    )
    .toBe('This process is stopping.');
  expect((await fetch(`${ready.url}/health/live`)).status).toBe(200);
  expect((await fetch(`${ready.url}/v1/me`)).status).toBe(401);
  expect(await exited).toEqual([0, null]);
});

test('all configuration errors are reported together, and the process exits with 78', async () => {
  child = run({ ...environment(), QUEUE_URL: 'ftp://x', R2_BUCKET_NAME: '' });
  const [output, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  expect(code).toBe(78);
  expect(output).toContain('QUEUE_URL');
  expect(output).toContain('R2_BUCKET_NAME');
});

function run(env: Record<string, string>): ChildProcess {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  return fork(main, { env, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}

function environment(): Record<string, string> {
  const { clerk } = createSessionTokens();
  return {
    SUPABASE_URL: `http://${closedPort}`,
    SUPABASE_SECRET_KEY: 'sb_secret_x',
    QUEUE_URL: `redis://${closedPort}`,
    CLERK_SECRET_KEY: clerk.secretKey,
    CLERK_PUBLISHABLE_KEY: clerk.publishableKey,
    R2_ENDPOINT: `http://${closedPort}`,
    R2_ACCESS_KEY_ID: 'x',
    R2_SECRET_ACCESS_KEY: 'x',
    R2_BUCKET_NAME: 'x',
    R2_PUBLIC_URL: `http://${closedPort}/x`,
    HOST: '127.0.0.1',
    PORT: '0',
  };
}
