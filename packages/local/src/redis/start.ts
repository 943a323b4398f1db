import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../processes/free-port.ts';
import { createReaper, type Reaper } from '../processes/reaper.ts';
import { stopProcess } from '../processes/stop.ts';
import { findRedis } from './find.ts';
import { type LaunchOptions, launch, type RunningRedis } from './launch.ts';
import { answersPing } from './ping.ts';
import type { RedisServer } from './server.ts';

const RUN_FOLDER = fileURLToPath(new URL('../../../../.local/run/', import.meta.url));
const READY_WITHIN_MS = 15_000;
const PORT_ATTEMPTS = 5;

export interface RedisOptions {
  /** The result of findRedis(); searched for when absent. */
  server?: RedisServer;
  /** The folder of the append-only file; default: a temporary folder. */
  directory?: string;
  /** Default: a free port. */
  port?: number;
  /** Writes an append-only file, so that a restart loses nothing. Default false: a restart loses everything. */
  appendOnly?: boolean;
  /** The log file of the server; default: in its folder. */
  log?: string;
  /** Ends the server with this process; default: a new reaper. */
  reaper?: Reaper;
  /** Called when the server ends unexpectedly. */
  onLost?: (reason: string) => void;
}

export interface Redis {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** For tests with faults: SIGSTOP, SIGCONT, SIGKILL. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Restarts it on the same port, also after a crash; `empty` removes the append-only file, too. */
  restart(options?: { empty?: boolean; whileDown?: () => Promise<void> }): Promise<void>;
  /** Stops it, by SIGKILL after 5 s, and removes a temporary folder. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts Redis on 127.0.0.1, without eviction, and resolves when it answers. It is gone 10 s after the end of this
 * process, however that ends.
 * @throws when Redis is not found (the message says what was tried), or does not start within 15 s.
 */
export async function startRedis(options: RedisOptions = {}): Promise<Redis> {
  const server = options.server ?? (await find());
  const reaper = options.reaper ?? createReaper();
  const folder = makeFolder(reaper, options.directory);
  const cleanUp = async () => {
    folder.remove();
    if (!options.reaper) await reaper.close();
  };
  const base: Omit<LaunchOptions, 'port'> = {
    server,
    reaper,
    directory: folder.path,
    appendOnly: options.appendOnly ?? false,
    log: options.log ?? join(folder.path, 'redis.log'),
  };
  try {
    const { redis, port } = await startOnFreePort(base, options.port);
    return control(redis, { ...base, port }, options.onLost, cleanUp);
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

async function find(): Promise<RedisServer> {
  const { server, tried } = await findRedis();
  if (server) return server;
  throw new Error(`Redis was not found: ${tried.join('; ')}. Install redis-server, or set QUEUE_URL.`);
}

function makeFolder(reaper: Reaper, directory: string | undefined): { path: string; remove(): void } {
  const path = directory ? resolve(directory) : join(RUN_FOLDER, `redis-${randomUUID().slice(0, 8)}`);
  const forget = directory ? () => {} : reaper.removeAtEnd(path);
  mkdirSync(path, { recursive: true });
  return {
    path,
    remove: () => {
      if (!directory) rmSync(path, { recursive: true, force: true });
      forget();
    },
  };
}

/** Another process may take a free port before Redis does. A port chosen by the caller is tried once. */
async function startOnFreePort(
  base: Omit<LaunchOptions, 'port'>,
  wanted: number | undefined,
): Promise<{ redis: RunningRedis; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted ?? (await freePort());
    try {
      return { redis: await startAndWait({ ...base, port }), port };
    } catch (error) {
      if (wanted !== undefined || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

async function startAndWait(options: LaunchOptions): Promise<RunningRedis> {
  const redis = await launch(options);
  let ended = false;
  void redis.process.exited.then(() => {
    ended = true;
  });
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!ended && performance.now() < deadline) {
    if (await answersPing(options.port)) return redis;
    await sleep(20);
  }
  await stopProcess(redis.process, { graceMs: 0 });
  throw new Error(`Redis did not start:\n${readFileSync(options.log, 'utf8').slice(-1_000)}`);
}

function control(
  first: RunningRedis,
  options: LaunchOptions,
  onLost: RedisOptions['onLost'],
  cleanUp: () => Promise<void>,
): Redis {
  let redis = first;
  let downIsWanted = false;
  let restarting: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;
  report();

  function report(): void {
    void redis.process.exited.then(({ code, signal }) => {
      if (!downIsWanted) onLost?.(`Redis ended (${signal ?? `code ${code}`}).`);
    });
  }

  async function restart({ empty = false, whileDown }: Parameters<Redis['restart']>[0] = {}): Promise<void> {
    downIsWanted = true;
    await stopProcess(redis.process);
    if (empty) removeData(options.directory);
    await whileDown?.();
    redis = await startAndWait(options);
    downIsWanted = false;
    report();
  }

  async function stop(): Promise<void> {
    await restarting?.catch(() => {});
    downIsWanted = true;
    await stopProcess(redis.process);
    await cleanUp();
  }

  return {
    url: `redis://127.0.0.1:${options.port}`,
    port: options.port,
    get pid() {
      return redis.process.pid;
    },
    kill: (signal) => redis.signal(signal),
    restart: (how) => {
      restarting = restart(how);
      return restarting;
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function removeData(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (/^(appendonly|dump)/.test(name)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}
