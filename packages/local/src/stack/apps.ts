import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Reaper } from '../processes/reaper.ts';
import { type ManagedProcess, spawnManaged } from '../processes/spawn.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const readyWithinMs = 60_000;

export interface AppOptions {
  reaper: Reaper;
  /** The whole environment. */
  env: Record<string, string | undefined>;
  /** The log file. */
  log: string;
}

export interface Api extends ManagedProcess {
  url: string;
}

export interface Worker extends ManagedProcess {
  metricsUrl: string;
}

/** Starts the API and resolves when it accepts requests. @throws with the end of its log when it ends early. */
export async function startApi(options: AppOptions): Promise<Api> {
  const { process, ready } = await startApp('api', 'apps/api/src/main.ts', options);
  return Object.assign(process, { url: String(ready.url) });
}

/** Starts a worker and resolves when it takes jobs. @throws with the end of its log when it ends early. */
export async function startWorker(name: string, options: AppOptions): Promise<Worker> {
  const { process, ready } = await startApp(name, 'apps/worker/src/main.ts', options);
  return Object.assign(process, { metricsUrl: String(ready.metrics_url) });
}

/** Runs a program of the repository. @throws with the end of its log when it fails. */
export async function runProgram(name: string, program: string, options: AppOptions): Promise<void> {
  const { exited } = await spawnManaged(options.reaper, {
    name,
    command: process.execPath,
    args: [`${root}${program}`],
    cwd: root,
    env: options.env,
    output: options.log,
  });
  const { code, signal } = await exited;
  if (code !== 0) throw await ended(name, options.log, signal ?? `code ${code}`);
}

interface ReadyMessage {
  event: 'ready';
  [key: string]: unknown;
}

async function startApp(name: string, program: string, options: AppOptions) {
  const ready = Promise.withResolvers<ReadyMessage>();
  const app = await spawnManaged(options.reaper, {
    name,
    command: process.execPath,
    args: [`${root}${program}`],
    cwd: root,
    env: options.env,
    output: options.log,
    onMessage: (message) => {
      if ((message as ReadyMessage | null)?.event === 'ready') ready.resolve(message as ReadyMessage);
    },
  });
  const timer = setTimeout(() => app.child.kill('SIGKILL'), readyWithinMs);
  void app.exited.then(async ({ code, signal }) =>
    ready.reject(await ended(name, options.log, signal ?? `code ${code}`)),
  );
  try {
    return { process: app, ready: await ready.promise };
  } finally {
    clearTimeout(timer);
    // The IPC channel must not keep either process alive.
    app.child.channel?.unref();
  }
}

async function ended(name: string, log: string, how: string): Promise<Error> {
  const output = await readFile(log, 'utf8').catch(() => '');
  return new Error(`${name} ended (${how}):\n${output.slice(-3_000).trim()}`);
}
