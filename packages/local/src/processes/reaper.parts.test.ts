import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runOwner } from './fixture/run-owner.ts';
import { findProcess } from './process-table.ts';
import { createReaper } from './reaper.ts';
import { spawnManaged } from './spawn.ts';
import { stopProcess } from './stop.ts';

const WITHIN_TEN_SECONDS = { timeout: 10_000, interval: 50 };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'darkroom-reaper-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An owner with a child that ignores SIGTERM and has a child, an unregistered child, and folders. */
const OWNER = `
  import { spawn } from 'node:child_process';
  import { mkdirSync, writeFileSync } from 'node:fs';
  import { createReaper } from './reaper.ts';
  import { spawnManaged } from './spawn.ts';
  const { FOLDER } = process.env;
  const reaper = createReaper();
  const stubborn = 'trap "" TERM; sleep 1000 & while :; do sleep 1; done';
  const child = await spawnManaged(reaper, { name: 'child', command: '/bin/sh', args: ['-c', stubborn], output: '/dev/null' });
  const env = { ...process.env, ...reaper.env };
  const unregistered = spawn('sleep', ['1000'], { env, stdio: 'ignore', detached: true });
  mkdirSync(FOLDER + '/scratch/moved', { recursive: true });
  writeFileSync(FOLDER + '/scratch/moved/file', 'kept');
  reaper.removeAtEnd(FOLDER + '/scratch');
  reaper.moveBackAtEnd(FOLDER + '/scratch/moved', FOLDER + '/home');
  console.log(JSON.stringify({ reaper: reaper.pid, child: child.pid, unregistered: unregistered.pid }));
  setInterval(() => {}, 1000);
`;

interface Report {
  reaper: number;
  child: number;
  unregistered: number;
}

test('an owner killed by SIGKILL leaves no process and no folder, and moved folders come back', async () => {
  const { owner, report, outputClosed } = await runOwner<Report>(import.meta.dirname, OWNER, {
    FOLDER: folder,
  });
  owner.kill('SIGKILL');
  await outputClosed;
  await expect.poll(() => alive(Object.values(report)), WITHIN_TEN_SECONDS).toEqual([]);
  expect(existsSync(join(folder, 'scratch'))).toBe(false);
  expect(readFileSync(join(folder, 'home/file'), 'utf8')).toBe('kept');
});

test('the reaper ends with an owner that exits', async () => {
  const { owner, report } = await runOwner<{ reaper: number }>(
    import.meta.dirname,
    `import { createReaper } from './reaper.ts';
     console.log(JSON.stringify({ reaper: createReaper().pid }));`,
  );
  await new Promise((resolve) => owner.once('close', resolve));
  await expect.poll(() => alive([report.reaper]), WITHIN_TEN_SECONDS).toEqual([]);
});

test('a killed reaper is replaced by one with the same tasks', async () => {
  const reaper = createReaper();
  const child = await sleeper(reaper);
  const first = reaper.pid as number;
  process.kill(first, 'SIGKILL');
  await expect.poll(() => reaper.pid, WITHIN_TEN_SECONDS).not.toBe(first);
  await reaper.close();
  await child.exited;
  expect(alive([child.pid, reaper.pid as number])).toEqual([]);
});

test('signals to the owner do not end the reaper', async () => {
  const reaper = createReaper();
  const child = await sleeper(reaper);
  const pid = reaper.pid as number;
  await expect.poll(() => heedsSignals(pid), WITHIN_TEN_SECONDS).toBe(true);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
  await reaper.close();
  await child.exited;
  expect(reaper.pid).toBe(pid);
});

test('processes of other owners are left alone', async () => {
  const reaper = createReaper();
  const bystander = await sleeper(createReaper());
  const child = await sleeper(reaper);
  await stopProcess(child);
  await reaper.close();
  expect(alive([bystander.pid])).toEqual([bystander.pid]);
  await stopProcess(bystander);
});

function sleeper(reaper: ReturnType<typeof createReaper>) {
  return spawnManaged(reaper, { name: 'sleep', command: 'sleep', args: ['1000'], output: '/dev/null' });
}

/** Whether the process handles SIGHUP, the last of the three, already; known on Linux only. */
function heedsSignals(pid: number): boolean {
  if (process.platform !== 'linux') return true;
  const caught = /SigCgt:\s*([0-9a-f]+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${caught}`) & 1n) !== 0n;
}

function alive(pids: number[]): number[] {
  return pids.filter((pid) => findProcess(pid));
}
