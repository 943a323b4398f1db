import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { chooseImages, wantsContainers } from './containers.ts';

test('without TEST_STACK the suites run on programs of this machine; an unknown value is refused', () => {
  expect([undefined, '', 'local'].map(wantsContainers)).toEqual([false, false, false]);
  expect(wantsContainers('containers')).toBe(true);
  expect(() => wantsContainers('docker')).toThrow('TEST_STACK=docker');
});

test('every image can be named, for networks that reach no registry but their own', () => {
  expect(chooseImages({})).toEqual({ postgres: 'postgres:18', redis: 'redis:8-bookworm' });
  expect(chooseImages({ POSTGRES_IMAGE: 'here/pg:18', REDIS_IMAGE: 'here/redis:8' })).toEqual({
    postgres: 'here/pg:18',
    redis: 'here/redis:8',
  });
});

test('without a container engine, the error says what to do', async () => {
  const program = `
    import { startContainers } from '${path.resolve(import.meta.dirname, 'containers.ts')}';
    await startContainers({}).catch((error) => { console.error(error.message); process.exit(3); });`;
  const ended = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
    // Nothing but an address at which nobody listens: neither this machine's engine nor its settings.
    env: { PATH: '/nowhere', HOME: '/nowhere', DOCKER_HOST: 'tcp://127.0.0.1:9' },
    cwd: path.resolve(import.meta.dirname, '../..'),
  });
  await expect(ended).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('DOCKER_HOST') });
}, 60_000);
