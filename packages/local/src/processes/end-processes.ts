import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessEntry, readProcessTable } from './process-table.ts';

const KILL_AFTER_MS = 3_000;
const GIVE_UP_AFTER_MS = 7_000;
const POLL_MS = 50;

export interface Ending {
  pid: number;
  /** When the process started; a later process with the same pid is left alone. */
  startedAt: string | null;
  signal: NodeJS.Signals;
}

/**
 * Ends processes by their signals and, after 3 s, all that remain and their descendants by SIGKILL. Until then a
 * descendant is left to its parent. On Linux it also ends processes with `DARKROOM_STACK=<stack>` in their environment,
 * to find one that started just before its owner died. Resolves when all are gone, or after 7 s.
 */
export async function endProcesses(endings: readonly Ending[], stack: string): Promise<void> {
  const begun = performance.now();
  const sought = new Map<number, ProcessEntry>();
  const signaled = new Set<number>();
  for (;;) {
    const table = readProcessTable();
    forgetEnded(sought, table);
    for (const entry of table.values()) {
      if (isRoot(entry, endings, stack)) sought.set(entry.pid, entry);
    }
    addDescendants(sought, table);
    const elapsedMs = performance.now() - begun;
    if (sought.size === 0 || elapsedMs > GIVE_UP_AFTER_MS) return;
    for (const { pid, parent } of sought.values()) {
      const ending = endings.find((one) => one.pid === pid);
      if (elapsedMs > KILL_AFTER_MS) signalProcess(pid, 'SIGKILL');
      else if (!signaled.has(pid) && (ending || !sought.has(parent))) {
        signaled.add(pid);
        signalProcess(pid, ending?.signal ?? 'SIGTERM');
      }
    }
    await sleep(POLL_MS);
  }
}

function forgetEnded(sought: Map<number, ProcessEntry>, table: Map<number, ProcessEntry>): void {
  for (const [pid, { startedAt }] of sought) {
    const now = table.get(pid);
    if (now?.startedAt === startedAt) sought.set(pid, now);
    else sought.delete(pid);
  }
}

function isRoot({ pid, startedAt }: ProcessEntry, endings: readonly Ending[], stack: string): boolean {
  const ending = endings.find((one) => one.pid === pid);
  if (ending) return ending.startedAt === null || ending.startedAt === startedAt;
  return pid !== process.pid && carries(pid, stack);
}

function addDescendants(sought: Map<number, ProcessEntry>, table: Map<number, ProcessEntry>): void {
  let before: number;
  do {
    before = sought.size;
    for (const entry of table.values()) {
      if (sought.has(entry.parent) && entry.pid !== process.pid) sought.set(entry.pid, entry);
    }
  } while (sought.size > before);
}

function carries(pid: number, stack: string): boolean {
  if (!stack) return false;
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`DARKROOM_STACK=${stack}`);
  } catch {
    return false;
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {}
}
