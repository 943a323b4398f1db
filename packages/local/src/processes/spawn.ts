import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Reaper } from './reaper.ts';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface ManagedProcess {
  name: string;
  pid: number;
  child: ChildProcess;
  /** Resolves once, when the process has ended; never rejects. */
  exited: Promise<Exit>;
}

export interface SpawnOptions {
  /** For messages: "redis", "worker 1". */
  name: string;
  command: string;
  args?: readonly string[];
  /** The whole environment of the child; the reaper's variable is added. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** A file for standard output and error, or a function for each line. */
  output: string | ((line: string) => void);
  /** Called with the messages of `process.send` in the child; opens the IPC channel. */
  onMessage?: (message: unknown) => void;
  /** The signal by which the reaper ends it; default SIGTERM. */
  endSignal?: NodeJS.Signals;
}

/**
 * Starts a process that ends with this one, however this one ends.
 * @throws when it cannot be started (no such program, no permission).
 */
export async function spawnManaged(reaper: Reaper, options: SpawnOptions): Promise<ManagedProcess> {
  const {
    name,
    command,
    args = [],
    env = process.env,
    output,
    onMessage,
    endSignal = 'SIGTERM',
    ...rest
  } = options;
  const file = typeof output === 'string' ? openSync(output, 'a') : undefined;
  const sink = file ?? 'pipe';
  let child: ChildProcess;
  try {
    const stdio: StdioOptions = onMessage ? ['ignore', sink, sink, 'ipc'] : ['ignore', sink, sink];
    child = spawn(command, args, { ...rest, env: { ...env, ...reaper.env }, stdio });
    if (onMessage) child.on('message', onMessage);
  } finally {
    if (file !== undefined) closeSync(file);
  }
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const pid = await spawnedPid(child, name, command);
  const forget = reaper.watch(pid, endSignal);
  void exited.then(forget);
  if (typeof output === 'function') forwardLines(child, output);
  return { name, pid, child, exited };
}

function spawnedPid(child: ChildProcess, name: string, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid as number));
    child.once('error', (cause) =>
      reject(new Error(`${name} could not be started (${command}): ${cause.message}`, { cause })),
    );
  });
}

function forwardLines(child: ChildProcess, line: (line: string) => void): void {
  for (const input of [child.stdout, child.stderr]) {
    if (input) createInterface({ input }).on('line', line);
  }
}
