import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const INSTALL = 'mkdir -p node_modules && cp package-lock.json node_modules/.package-lock.json';

/** A clone with two scripts and one dependency, which an npm of our own installs. */
let clone: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  clone = path.join(mkdtempSync(path.join(tmpdir(), 'darkroom run ')), 'a clone');
  mkdirSync(path.join(clone, 'bin'), { recursive: true });
  cpSync(path.resolve(import.meta.dirname, '..'), path.join(clone, 'scripts'), { recursive: true });
  write(
    'package-lock.json',
    JSON.stringify({
      packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { link: true } },
    }),
  );
  write('print.ts', "console.log('printed', ...process.argv.slice(2)); process.exitCode = 3;");
  write(
    'wait.ts',
    "process.on('SIGTERM', () => { console.log('stopped'); process.exit(0); }); setInterval(() => {}, 1e3); console.log(process.pid);",
  );
  fakeNpm(INSTALL);
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(path.dirname(clone), { recursive: true, force: true });
});

it('installs once, prints nothing of its own to standard output, and passes on arguments and exit code', async () => {
  const first = await finish(run('print.ts', 'a b'));
  expect(first).toEqual({
    code: 3,
    stdout: 'printed a b\n',
    stderr: 'Installing the dependencies …\nadded\n',
  });
  expect(await finish(run('print.ts'))).toEqual({ code: 3, stdout: 'printed\n', stderr: '' });
});

it.each([
  ['names another version', { 'node_modules/a': { version: '1.0.1' } }],
  ['no longer names a workspace', { 'node_modules/a': { version: '1.0.0' } }],
])('installs again when the lockfile %s', async (_, packages) => {
  await finish(run('print.ts'));
  write('package-lock.json', JSON.stringify({ packages }));
  expect((await finish(run('print.ts'))).stderr).toContain('Installing');
});

it('lets the second of two commands wait for the first', async () => {
  fakeNpm(`sleep 1; ${INSTALL}`);
  const [one, two] = await Promise.all([finish(run('print.ts')), finish(run('print.ts'))]);
  expect([one.code, two.code]).toEqual([3, 3]);
  expect(installations()).toBe(1);
});

it('ends npm when it is told to stop, and leaves the lock to the next command', async () => {
  fakeNpm('exec sleep 1000');
  const first = run('print.ts');
  await expect.poll(installations).toBe(1);
  const npm = Number(readFileSync(path.join(clone, 'npm.log'), 'utf8'));
  first.kill('SIGTERM');
  expect(await once(first, 'exit')).toEqual([143, null]);
  await expect.poll(() => isAlive(npm)).toBe(false);
  fakeNpm(INSTALL);
  expect((await finish(run('print.ts'))).code).toBe(3);
});

it('waits for the npm that a killed command left behind', async () => {
  fakeNpm(`sleep 1; ${INSTALL}`);
  const first = run('print.ts');
  await expect.poll(installations).toBe(1);
  first.kill('SIGKILL');
  const second = await finish(run('print.ts'));
  expect(second.code).toBe(3);
  expect(installations()).toBe(1);
});

it('stops the script when the npm that started it is killed', async () => {
  await finish(run('print.ts'));
  const log = path.join(clone, 'out.log');
  write('npm-run.sh', `node scripts/run.mjs wait.ts >"${log}"\nexit 0`);
  const npm = spawn('sh', ['npm-run.sh'], {
    cwd: clone,
    env: { ...process.env, npm_lifecycle_event: 'wait' },
  });
  children.push(npm);
  const output = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  await expect.poll(output).toMatch(/^\d+\n$/);
  npm.kill('SIGKILL');
  await expect.poll(output).toContain('stopped');
});

function run(...args: string[]): ChildProcess {
  const { npm_lifecycle_event: _, ...env } = process.env;
  const child = spawn(process.execPath, ['scripts/run.mjs', ...args], {
    cwd: clone,
    env: { ...env, PATH: `${path.join(clone, 'bin')}:${process.env.PATH}` },
  });
  children.push(child);
  return child;
}

async function finish(child: ChildProcess) {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (data) => (stdout += data));
  child.stderr?.on('data', (data) => (stderr += data));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** Appends its pid to npm.log, then runs the commands. */
function fakeNpm(commands: string): void {
  const file = path.join(clone, 'bin/npm');
  writeFileSync(file, `#!/bin/sh\necho $$ >>npm.log\n${commands}\necho added\n`, { mode: 0o755 });
}

function installations(): number {
  const log = path.join(clone, 'npm.log');
  return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0;
}

function write(file: string, text: string): void {
  writeFileSync(path.join(clone, file), text);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
