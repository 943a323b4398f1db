import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import { afterEach, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');

interface Ready {
  event: string;
  api: string;
  env_file: string;
  pids: { local: number; api: number; workers: number[] };
  metrics: string[];
}

let running: { child: ChildProcess; ready: Ready } | undefined;
afterEach(async () => {
  if (!running) return;
  running.child.kill('SIGTERM');
  await gone(allPids(running.ready));
  running = undefined;
});

/** `npm run local`, as a person starts it. The group is its own, so that nothing but npm itself is killed by a test. */
async function startLocal(...args: string[]) {
  const child = spawn('npm', ['run', 'local', '--', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    // One queue server less to start: what is tested here is the starting and the stopping.
    env: { ...process.env, DARKROOM_STACK: '', GEMINI_API_KEY: '', QUEUE_URL: '' },
  });
  const said: string[] = [];
  createInterface({ input: child.stderr! }).on('line', (line) => said.push(line));
  for await (const line of createInterface({ input: child.stdout! })) {
    const ready: Ready = JSON.parse(line);
    running = { child, ready };
    return running;
  }
  throw new Error(`npm run local ended:\n${said.join('\n')}`);
}

function allPids({ pids }: Ready): number[] {
  return [pids.local, pids.api, ...pids.workers];
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** Every process that carries the mark of the stack, whoever its parent is now. */
function marked(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`DARKROOM_STACK=${mark}`);
      } catch {
        return false;
      }
    });
}

/** Every process that came of this one. */
function descendants(ancestor: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [, ppid] = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        return [[Number(name), Number(ppid)] as const];
      } catch {
        return [];
      }
    });
  const of = (parent: number): number[] =>
    parents.filter(([, ppid]) => ppid === parent).flatMap(([pid]) => [pid, ...of(pid)]);
  return of(ancestor);
}

function markOf(pid: number): string {
  return /DARKROOM_STACK=([\w-]+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1] ?? '';
}

async function gone(pids: number[], withinMs = 15_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (pids.some(isAlive)) {
    if (performance.now() > deadline) throw new Error(`still alive: ${pids.filter(isAlive)}`);
    await sleep(100);
  }
}

async function token(name: string): Promise<string> {
  const child = spawn('npm', ['run', 'token', '--', name], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

it('is ready in one line of JSON, signs two names in as two users, and lets a worker join by its file of variables', async () => {
  const { ready } = await startLocal('--workers', '0');
  expect(ready).toMatchObject({ event: 'ready', env_file: '.local/env', pids: { workers: [] }, metrics: [] });
  expect(allPids(ready).every(isAlive)).toBe(true);
  const tokens = [await token('alice'), await token('bob')];
  const me = async (bearer: string) =>
    (await (
      await fetch(`${ready.api}/v1/me`, { headers: { authorization: `Bearer ${bearer.trim()}` } })
    ).json()) as any;
  const [alice, bob] = [await me(tokens[0]!), await me(tokens[1]!)];
  expect(tokens[0]!.trim().split('\n')).toHaveLength(1);
  expect(alice.id).not.toBe(bob.id);
  expect(alice.credits).toBe(5);

  const variables = parseEnv(readFileSync(path.join(root, '.local/env'), 'utf8'));
  const worker = spawn('npm', ['run', 'worker'], {
    cwd: root,
    stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...variables },
  });
  try {
    const headers = { authorization: `Bearer ${tokens[0]!.trim()}`, 'content-type': 'application/json' };
    const made = await fetch(`${ready.api}/v1/jobs`, { method: 'POST', headers, body: '{"prompt":"a cat"}' });
    let job = ((await made.json()) as any).job;
    const deadline = performance.now() + 40_000;
    while (job.status !== 'completed' && performance.now() < deadline) {
      await sleep(100);
      job = await (await fetch(`${ready.api}/v1/jobs/${job.id}`, { headers })).json();
    }
    expect(job.status).toBe('completed');
  } finally {
    worker.kill('SIGTERM');
    await new Promise((resolve) => worker.once('exit', resolve));
  }
}, 120_000);

it.each(['local', 'npm'] as const)(
  'leaves nothing alive 10 s after kill -9 of %s',
  { timeout: 120_000, tags: ['slow'] },
  async (victim) => {
    const { child, ready } = await startLocal('--workers', '2');
    const mark = markOf(ready.pids.api);
    const everyone = new Set([
      ...descendants(child.pid!),
      ...descendants(ready.pids.local),
      ...marked(mark),
      ...allPids(ready),
    ]);
    expect(
      everyone.size,
      'npm, local, Postgres with its own, Redis, the API and two workers',
    ).toBeGreaterThanOrEqual(8);
    process.kill(victim === 'local' ? ready.pids.local : child.pid!, 'SIGKILL');
    await gone(
      [...everyone].filter((pid) => pid !== child.pid),
      10_000,
    );
    expect(marked(mark)).toEqual([]);
  },
);
