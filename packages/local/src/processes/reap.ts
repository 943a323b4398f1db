/**
 * The reaper's program: `node reap.ts <stack>`. Reads orders from its owner on standard input; when that
 * ends, the owner is gone: it ends the owner's processes, restores and removes folders, and leaves.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endProcesses } from './end-processes.ts';
import { moveDirectory } from './move-directory.ts';
import type { LastTask, ReaperOrder } from './reaper.ts';

const stack = process.argv[2] ?? '';
const tasks = new Map<number, LastTask>();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) attempt(() => note(JSON.parse(line)));

const remaining = [...tasks.values()];
await endProcesses(
  remaining.filter((task) => task.do === 'end'),
  stack,
);
const stranded: string[] = [];
for (const task of remaining) if (task.do === 'run') attempt(() => run(task));
for (const task of remaining) if (task.do === 'move' && !attempt(() => move(task))) stranded.push(task.from);
for (const task of remaining) if (task.do === 'remove') attempt(() => remove(task));

function note({ key, task }: ReaperOrder): void {
  if (task) tasks.set(key, task);
  else tasks.delete(key);
}

function run({ command, args }: Extract<LastTask, { do: 'run' }>): void {
  execFileSync(command, args, { timeout: 5_000, stdio: 'ignore' });
}

function move({ from, to, marker }: Extract<LastTask, { do: 'move' }>): void {
  moveDirectory(from, to);
  if (marker) rmSync(marker, { force: true });
}

/** A folder that still holds what could not be moved out of it stays. */
function remove({ path }: Extract<LastTask, { do: 'remove' }>): void {
  if (stranded.some((from) => from.startsWith(path))) return;
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** What fails (a line cut short, a folder in use) must not keep the rest from being done; there is no one left to tell. */
function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
