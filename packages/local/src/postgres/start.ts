import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../processes/free-port.ts';
import { createReaper, type Reaper } from '../processes/reaper.ts';
import type { ManagedProcess } from '../processes/spawn.ts';
import { stopProcess } from '../processes/stop.ts';
import { chooseAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import { createCluster } from './cluster.ts';
import { openKeptData } from './kept-data.ts';
import { makePrivateFolder } from './private-folder.ts';
import { PortInUse, type ServerOptions, startServer } from './server.ts';

const LOCAL_FOLDER = fileURLToPath(new URL('../../../../.local/', import.meta.url));
const PORT_ATTEMPTS = 5;
const STOP_SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const;

export interface PostgresOptions {
  /** Where data is kept between runs; without it the data is temporary and goes with the server. */
  directory?: string;
  /** Default: a free one. */
  port?: number;
  /** Settings of postgresql.conf, over those of the local stack. */
  settings?: Record<string, string>;
  /** File that the server's messages are appended to; default: one beside the data. */
  log?: string;
  /** Ends the server with this process; default: one of its own. */
  reaper?: Reaper;
  /** Called when the server ends although nobody asked it to. */
  onLost?: (reason: string) => void;
}

export interface RestartOptions {
  /** `fast` ends sessions cleanly; `immediate` and `kill` are crashes: the server recovers when it starts. */
  mode?: 'fast' | 'immediate' | 'kill';
  /** Runs between the end and the new start: an outage as long as that takes. */
  whileDown?: () => Promise<void>;
}

export interface Postgres {
  /** postgres://postgres:<password>@127.0.0.1:<port>/postgres, the superuser's. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** The same data on the same port, also after the server was killed by others. */
  restart(options?: RestartOptions): Promise<void>;
  /** Shuts down, with SIGKILL after 5 s; then temporary data is removed, kept data is back in its place. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts a real PostgreSQL 18 from node_modules, on 127.0.0.1 alone, and resolves once it takes connections.
 * Logical replication is on, 200 connections are allowed, time zone UTC. Works as any user, root too, also
 * in a clone that only root can enter. Nothing of it outlives this process by more than 10 s.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const reaper = options.reaper ?? createReaper();
  const undo: (() => void | Promise<void>)[] = options.reaper ? [] : [() => reaper.close()];
  const cleanUp = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const prepared = await prepare(reaper, options, undo);
    return await run(prepared, options, cleanUp);
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

type Prepared = Omit<ServerOptions, 'port' | 'url'> & { password: string };

async function prepare(
  reaper: Reaper,
  options: PostgresOptions,
  undo: (() => void | Promise<void>)[],
): Promise<Prepared> {
  const { directory, settings = {} } = options;
  const account = await chooseAccount();
  const folder = await makePrivateFolder(reaper, account, join(LOCAL_FOLDER, 'run'));
  undo.push(folder.remove);
  const binaries = await findBinaries(account, join(LOCAL_FOLDER, 'cache'), folder.path);
  const create = (data: string) => createCluster(binaries, account, data, folder.path);
  const base = { reaper, binaries, account, settings, temporary: !directory };
  if (!directory) {
    const data = join(folder.path, 'data');
    const log = options.log ?? join(folder.path, 'postgres.log');
    return { ...base, data, log, password: await create(data) };
  }
  const kept = await openKeptData({ directory, reachable: folder.path, account, reaper, create });
  undo.push(kept.release);
  return {
    ...base,
    data: kept.data,
    log: options.log ?? join(directory, 'postgres.log'),
    password: kept.password,
  };
}

async function run(
  prepared: Prepared,
  { port: wanted, onLost }: PostgresOptions,
  cleanUp: () => Promise<void>,
): Promise<Postgres> {
  const { server: first, at } = await startOnFreePort(prepared, wanted);
  let server = first;
  let downIsWanted = false;
  let restarting: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;
  report(server);

  function report(process: ManagedProcess): void {
    void process.exited.then(({ code, signal }) => {
      if (!downIsWanted) onLost?.(`PostgreSQL ended (${signal ?? `code ${code}`}).`);
    });
  }

  async function restart({ mode = 'fast', whileDown }: RestartOptions = {}): Promise<void> {
    downIsWanted = true;
    await stopProcess(server, { signal: STOP_SIGNALS[mode] });
    await whileDown?.();
    server = await startServer({ ...prepared, ...at });
    downIsWanted = false;
    report(server);
  }

  async function stop(): Promise<void> {
    await restarting?.catch(() => {});
    downIsWanted = true;
    await stopProcess(server, { signal: STOP_SIGNALS.fast });
    await cleanUp();
  }

  return {
    url: at.url,
    port: at.port,
    get pid() {
      return server.pid;
    },
    restart: (options) => {
      restarting = restart(options);
      return restarting;
    },
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** A port given by the caller is tried once: whoever names it wants that one. */
async function startOnFreePort(
  prepared: Prepared,
  wanted: number | undefined,
): Promise<{ server: ManagedProcess; at: { port: number; url: string } }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = wanted ?? (await freePort());
    const url = `postgres://postgres:${prepared.password}@127.0.0.1:${port}/postgres`;
    try {
      return { server: await startServer({ ...prepared, port, url }), at: { port, url } };
    } catch (error) {
      if (!(error instanceof PortInUse) || wanted !== undefined || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}
