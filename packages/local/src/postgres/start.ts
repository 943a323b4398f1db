import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../processes/free-port.ts';
import { createReaper, type Reaper } from '../processes/reaper.ts';
import type { ManagedProcess } from '../processes/spawn.ts';
import { stopProcess } from '../processes/stop.ts';
import { findBinaries } from './binaries.ts';
import { chooseAccount } from './choose-account.ts';
import { createCluster } from './cluster.ts';
import { openKeptData } from './kept-data.ts';
import { makePrivateFolder } from './private-folder.ts';
import { PortInUse, type ServerOptions, startServer } from './server.ts';

const LOCAL_FOLDER = fileURLToPath(new URL('../../../../.local/', import.meta.url));
const PORT_ATTEMPTS = 5;
const STOP_SIGNALS = { fast: 'SIGINT', immediate: 'SIGQUIT', kill: 'SIGKILL' } as const;

export interface PostgresOptions {
  /** The folder for data that is kept between runs; without it the data is removed with the server. */
  directory?: string;
  /** Default: a free port. */
  port?: number;
  /** Settings of postgresql.conf that override those of the local stack. */
  settings?: Record<string, string>;
  /** The log file of the server; default: beside the data. */
  log?: string;
  /** Ends the server with this process; default: a new reaper. */
  reaper?: Reaper;
  /** Called when the server ends unexpectedly. */
  onLost?: (reason: string) => void;
}

export interface RestartOptions {
  /** `fast` is a clean shutdown; `immediate` and `kill` are crashes, after which the server recovers. */
  mode?: 'fast' | 'immediate' | 'kill';
  /** Runs between stop and start, to make the outage longer. */
  whileDown?: () => Promise<void>;
}

export interface Postgres {
  /** postgres://postgres:<password>@127.0.0.1:<port>/postgres, as the superuser. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Starts again with the same data on the same port, also after the server was killed. */
  restart(options?: RestartOptions): Promise<void>;
  /** Stops the server, by SIGKILL after 5 s; then removes temporary data or moves kept data back. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL 18 from node_modules on 127.0.0.1 and resolves when it accepts connections: logical replication, 200
 * connections, time zone UTC. Works as any user, also as root and in a clone that only root can enter. Processes and
 * temporary data are gone 10 s after the end of this process, however it ends.
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

/** A port chosen by the caller is tried once. */
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
