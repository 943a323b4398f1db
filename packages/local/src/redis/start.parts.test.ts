import { createConnection } from 'node:net';
import { expect, test } from 'vitest';
import { runOwner } from '../processes/fixture/run-owner.ts';
import { findProcess } from '../processes/process-table.ts';
import { findRedis } from './find.ts';
import { answersPing } from './ping.ts';
import { startRedis } from './start.ts';

const WITHIN_TEN_SECONDS = { timeout: 10_000, interval: 50 };
const { server, tried } = await findRedis();
/** Not skipped but left out: the setup of the run decides whether a Redis may be missing. */
const testWithRedis: typeof test | (() => void) = server ? test : () => {};

test('finds Redis, or says why each attempt failed', () => {
  if (server) expect(server.version).toMatch(/redis|valkey/i);
  else expect(tried).toHaveLength(3);
});

testWithRedis('a server never evicts a key, and forgets everything when it restarts', async () => {
  const redis = await startRedis({ server: server! });
  expect(await command(redis.port, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
  await command(redis.port, 'SET key value');
  await redis.restart();
  expect(await command(redis.port, 'GET key')).toBe('$-1\r\n');
  await redis.stop();
  await redis.stop();
  expect(await answersPing(redis.port)).toBe(false);
});

testWithRedis('with an append-only file nothing is forgotten, unless it is asked to', async () => {
  const redis = await startRedis({ server: server!, appendOnly: true });
  await command(redis.port, 'SET key value');
  await redis.kill('SIGTERM');
  await redis.restart();
  expect(await command(redis.port, 'GET key')).toContain('value');
  await redis.restart({ empty: true });
  expect(await command(redis.port, 'GET key')).toBe('$-1\r\n');
  await redis.stop();
});

testWithRedis('a frozen server can be woken, and stopped while it is frozen', async () => {
  const redis = await startRedis({ server: server! });
  await redis.kill('SIGSTOP');
  expect(await answersPing(redis.port, 200)).toBe(false);
  await redis.kill('SIGCONT');
  expect(await answersPing(redis.port)).toBe(true);
  await redis.kill('SIGSTOP');
  await redis.stop();
  expect(findProcess(redis.pid)).toBeUndefined();
});

testWithRedis('an owner killed by SIGKILL leaves no server', async () => {
  const { owner, report } = await runOwner<{ pid: number }>(
    import.meta.dirname,
    `import { startRedis } from './start.ts';
     const redis = await startRedis();
     console.log(JSON.stringify({ pid: redis.pid }));
     setInterval(() => {}, 1000);`,
  );
  owner.kill('SIGKILL');
  await expect.poll(() => findProcess(report.pid), WITHIN_TEN_SECONDS).toBeUndefined();
});

/** One inline command of Redis's protocol, and the raw reply. */
function command(port: number, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => socket.write(`${line}\r\n`));
    socket.once('error', reject);
    socket.once('data', (reply) => {
      socket.destroy();
      resolve(reply.toString());
    });
  });
}
