/**
 * The program of the reaper: `node reap.ts <stack>`. Reads tasks from its owner on standard input. When that closes, the
 * owner is gone: it ends the owner's processes, moves folders back, removes folders, and exits.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { endProcesses } from './end-processes.ts';
import { moveDirectory } from './move-directory.ts';
import type { CleanupTask, ReaperOrder } from './reaper.ts';

const stack = process.argv[2] ?? '';
const tasks = new Map<number, CleanupTask>();

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

function run({ command, args }: Extract<CleanupTask, { do: 'run' }>): void {
  execFileSync(command, args, { timeout: 5_000, stdio: 'ignore' });
}

function move({ from, to, marker }: Extract<CleanupTask, { do: 'move' }>): void {
  moveDirectory(from, to);
  if (marker) rmSync(marker, { force: true });
}

/** A folder stays when something could not be moved out of it. */
function remove({ path }: Extract<CleanupTask, { do: 'remove' }>): void {
  if (stranded.some((from) => from.startsWith(path))) return;
  rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** A failure (half a line, a folder in use) must not prevent the other tasks; there is nobody to report it to. */
function attempt(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
