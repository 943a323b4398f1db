import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { findProcess } from './process-table.ts';

const CLOSE_ATTEMPTS = 3;
/** One that cannot run here is not started for ever. */
const EARLY_DEATH_MS = 1_000;
const MAX_EARLY_DEATHS = 5;

/** One thing to be done when the owner is gone. */
export type LastTask =
  | { do: 'end'; pid: number; startedAt: string | null; signal: NodeJS.Signals }
  | { do: 'run'; command: string; args: string[] }
  | { do: 'move'; from: string; to: string; marker: string | null }
  | { do: 'remove'; path: string };

/** What the helper reads on its standard input, one JSON object a line; without a task the key is forgotten. */
export interface ReaperOrder {
  key: number;
  task?: LastTask;
}

/** Takes a registration back; idempotent. */
export type Forget = () => void;

export interface Reaper {
  /** The environment every child must carry: by it the helper also finds one it was never told of (Linux). */
  readonly env: { DARKROOM_STACK: string };
  /** The helper's pid; another one after the helper was killed. */
  readonly pid: number | undefined;
  /** Ends a process with the owner: `signal` (default SIGTERM) first, SIGKILL after 3 s, its descendants too. */
  watch(pid: number, signal?: NodeJS.Signals): Forget;
  /** Runs a command once the processes have ended; 5 s at most. */
  runAtEnd(command: string, args: string[]): Forget;
  /** Moves `from` to `to` if `from` is still there, then removes the file `marker`. */
  moveBackAtEnd(from: string, to: string, marker?: string): Forget;
  /** Removes a folder or file, after the moves. */
  removeAtEnd(path: string): Forget;
  /** Does at once what is still registered, and resolves when the helper is gone. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts a detached helper that outlives this process by the seconds it takes to clean up after it.
 *
 * The two are joined by a pipe. When it closes, for whatever reason, SIGKILL included, the helper ends every
 * registered process, then moves and removes the registered folders, within 10 s. It ignores signals
 * meant for the owner's group, holds none of the owner's outputs open, and is started anew when it is killed.
 */
export function createReaper(): Reaper {
  const stack = randomUUID();
  const tasks = new Map<number, LastTask>();
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

  function register(task: LastTask): Forget {
    lastKey += 1;
    const key = lastKey;
    tasks.set(key, task);
    send(helper, { key, task });
    return () => {
      if (tasks.delete(key)) send(helper, { key });
    };
  }

  /** A helper that is killed before it is done leaves its work to the next one. */
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

/** Its environment is bare: it must not carry the mark of an outer stack, whose reaper would end it half-way. */
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

/** The pipe to a child is a socket in Node, and would keep the owner alive. */
function unrefPipe(child: ChildProcess): void {
  const pipe = child.stdin;
  if (pipe && 'unref' in pipe && typeof pipe.unref === 'function') pipe.unref();
}

function send(child: ChildProcess, order: ReaperOrder): void {
  if (child.stdin?.writable) child.stdin.write(`${JSON.stringify(order)}\n`);
}

/** Closing the pipe is what sets it to work; resolves when it is gone. */
async function endHelper(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.ref();
  child.stdin?.end();
  await exited;
}
