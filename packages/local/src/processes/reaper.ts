import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { findProcess } from './process-table.ts';

const CLOSE_ATTEMPTS = 3;
/** A helper that cannot run here is not restarted forever. */
const EARLY_DEATH_MS = 1_000;
const MAX_EARLY_DEATHS = 5;

/** One task for the time after the owner is gone. */
export type CleanupTask =
  | { do: 'end'; pid: number; startedAt: string | null; signal: NodeJS.Signals }
  | { do: 'run'; command: string; args: string[] }
  | { do: 'move'; from: string; to: string; marker: string | null }
  | { do: 'remove'; path: string };

/** One line of JSON for the helper; without a task, the helper drops the key. */
export interface ReaperOrder {
  key: number;
  task?: CleanupTask;
}

/** Cancels a registration. Idempotent. */
export type Forget = () => void;

export interface Reaper {
  /** Every child must have this variable: by it the helper finds unregistered children, too (Linux). */
  readonly env: { DARKROOM_STACK: string };
  /** The helper's pid; it changes when the helper is killed. */
  readonly pid: number | undefined;
  /** Ends a process and its descendants with the owner: `signal` (default SIGTERM) first, SIGKILL after 3 s. */
  watch(pid: number, signal?: NodeJS.Signals): Forget;
  /** Runs a command after the processes have ended, for 5 s at most. */
  runAtEnd(command: string, args: string[]): Forget;
  /** Moves `from` to `to` if `from` still exists, then removes the file `marker`. */
  moveBackAtEnd(from: string, to: string, marker?: string): Forget;
  /** Removes a folder or file, after the moves. */
  removeAtEnd(path: string): Forget;
  /** Runs all registered tasks now, and resolves when the helper is gone. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a detached helper that cleans up after this process.
 *
 * A pipe connects the two. When it closes, also by a SIGKILL of this process, the helper ends every registered process,
 * then moves and removes the registered folders, within 10 s. It ignores signals to the process group, keeps none of the
 * owner's outputs open, and is restarted when it is killed.
 */
export function createReaper(): Reaper {
  const stack = randomUUID();
  const tasks = new Map<number, CleanupTask>();
  let lastKey = 0;
  let earlyDeaths = 0;
  let closed: Promise<void> | undefined;
  let helper = startHelper();

  function startHelper(): ChildProcess {
    const child = spawnHelper(stack);
    const bornAt = performance.now();
    child.once('exit', () => {
      earlyDeaths = performance.now() - bornAt < EARLY_DEATH_MS ? earlyDeaths + 1 : 0;
      if (!closed && earlyDeaths < MAX_EARLY_DEATHS) helper = startHelper();
    });
    for (const [key, task] of tasks) send(child, { key, task });
    return child;
  }

  function register(task: CleanupTask): Forget {
    lastKey += 1;
    const key = lastKey;
    tasks.set(key, task);
    send(helper, { key, task });
    return () => {
      if (tasks.delete(key)) send(helper, { key });
    };
  }

  /** When the helper is killed before it is done, the next one does the work. */
  async function close(): Promise<void> {
    for (let attempt = 0; attempt < CLOSE_ATTEMPTS; attempt += 1) {
      await endHelper(helper);
      if (helper.exitCode === 0) return;
      helper = startHelper();
    }
  }

  return {
    env: { DARKROOM_STACK: stack },
    get pid() {
      return helper.pid;
    },
    watch: (pid, signal = 'SIGTERM') =>
      register({ do: 'end', pid, startedAt: findProcess(pid)?.startedAt ?? null, signal }),
    runAtEnd: (command, args) => register({ do: 'run', command, args }),
    moveBackAtEnd: (from, to, marker) => register({ do: 'move', from, to, marker: marker ?? null }),
    removeAtEnd: (path) => register({ do: 'remove', path }),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
}

/** Without the variable of an outer stack, whose reaper would end this helper. */
function spawnHelper(stack: string): ChildProcess {
  const program = fileURLToPath(new URL('./reap.ts', import.meta.url));
  const child = spawn(process.execPath, [program, stack], {
    detached: true,
    cwd: '/',
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  unrefPipe(child);
  return child;
}

/** In Node the pipe to a child is a socket, which would keep the owner alive. */
function unrefPipe(child: ChildProcess): void {
  const pipe = child.stdin;
  if (pipe && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
}

function send(child: ChildProcess, order: ReaperOrder): void {
  if (child.stdin?.writable) child.stdin.write(`${JSON.stringify(order)}\n`);
}

/** Closes the pipe, which starts the cleanup; resolves when the helper is gone. */
async function endHelper(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.ref();
  child.stdin?.end();
  await exited;
}
