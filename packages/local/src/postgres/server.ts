import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Reaper } from '../processes/reaper.ts';
import { type ManagedProcess, spawnManaged } from '../processes/spawn.ts';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { serverSettings } from './settings.ts';

const READY_WITHIN_MS = 30_000;
const POLL_MS = 25;

export interface ServerOptions {
  reaper: Reaper;
  binaries: Binaries;
  account: Account;
  data: string;
  port: number;
  temporary: boolean;
  settings: Record<string, string>;
  /** The log file of the server. */
  log: string;
  url: string;
}

/** Another process took the port after it was chosen. */
export class PortInUse extends Error {
  override name = 'PortInUse';
}

/**
 * Starts the server and resolves once a client can connect.
 * Waits until the last processes of a killed server have released the data.
 * @throws PortInUse; Error with the end of the log when it ends early, or is not ready within 30 s.
 */
export async function startServer(options: ServerOptions): Promise<ManagedProcess> {
  const deadline = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const logStart = existsSync(options.log) ? statSync(options.log).size : 0;
    const server = await launch(options);
    const end = await Promise.race([
      ready(options.url, deadline),
      server.exited.then(() => 'ended' as const),
    ]);
    if (end === 'ready') return server;
    if (end === 'late') server.child.kill('SIGKILL');
    await server.exited;
    const output = readFrom(options.log, logStart);
    if (output.includes('could not bind')) throw new PortInUse(`Port ${options.port} is in use.`);
    const retry = output.includes('pre-existing shared memory block') && performance.now() < deadline;
    if (!retry) throw new Error(`PostgreSQL did not start (${options.log}):\n${output.slice(-2_000)}`);
    await sleep(POLL_MS * 4);
  }
}

/** SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for the clients to leave. */
function launch({ reaper, binaries, account, data, port, temporary, settings, log }: ServerOptions) {
  return spawnManaged(reaper, {
    name: 'PostgreSQL',
    command: binaries.postgres,
    args: ['-D', data, ...serverSettings(port, temporary, settings)],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    cwd: '/',
    uid: account?.uid,
    gid: account?.gid,
    output: log,
    endSignal: 'SIGINT',
  });
}

async function ready(url: string, deadline: number): Promise<'ready' | 'late'> {
  while (performance.now() < deadline) {
    if (await canConnect(url)) return 'ready';
    await sleep(POLL_MS);
  }
  return 'late';
}

async function canConnect(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function readFrom(file: string, start: number): string {
  const handle = openSync(file, 'r');
  try {
    const output = Buffer.alloc(Math.min(65_536, Math.max(0, statSync(file).size - start)));
    readSync(handle, output, 0, output.length, start);
    return output.toString();
  } finally {
    closeSync(handle);
  }
}
