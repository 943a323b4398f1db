import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  pid: number;
  parent: number;
  /** Distinguishes a process from a later one with the same pid. Opaque; compare for equality. */
  startedAt: string;
}

/**
 * Every running process by pid, without zombies. Read from /proc on Linux, elsewhere from `ps`.
 */
export function readProcessTable(): Map<number, ProcessEntry> {
  const entries = process.platform === 'linux' ? fromProc() : fromPs();
  return new Map(entries.map((entry) => [entry.pid, entry]));
}

/** One process, or undefined when it is gone. Cheap on Linux. */
export function findProcess(pid: number): ProcessEntry | undefined {
  return process.platform === 'linux' ? readStat(pid) : readProcessTable().get(pid);
}

function fromProc(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((entry) => entry !== undefined);
}

/** The command in /proc/<pid>/stat is in brackets and may contain spaces and brackets. */
function readStat(pid: number): ProcessEntry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return { pid, parent: Number(parent), startedAt: fields[19] ?? '' };
}

function fromPs(): ProcessEntry[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,stat=,lstart='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const [, pid, parent, state, startedAt] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    if (!pid || !startedAt || state?.startsWith('Z')) return [];
    return [{ pid: Number(pid), parent: Number(parent), startedAt: startedAt.trim() }];
  });
}
