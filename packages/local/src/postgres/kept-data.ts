import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { moveDirectory } from '../processes/move-directory.ts';
import { findProcess } from '../processes/process-table.ts';
import type { Reaper } from '../processes/reaper.ts';
import type { Account } from './account.ts';
import { runAsAccount } from './run-as-account.ts';

const REAPER_NEEDS_MS = 10_000;
const POLL_MS = 100;

/** Which process uses the data, and where the data is meanwhile. */
interface Use {
  pid: number;
  startedAt: string | undefined;
  reaper: number | undefined;
  data: string;
}

export interface KeptData {
  /** The data folder while the server runs. */
  data: string;
  password: string;
  /** Moves the data back and releases it for others. The server must have ended. Idempotent. */
  release(): void;
}

export interface KeptDataOptions {
  directory: string;
  /** A folder that the account can reach. */
  reachable: string;
  account: Account;
  reaper: Reaper;
  /** Makes a new cluster in the given folder, and returns its password. */
  create: (data: string) => Promise<string>;
}

/**
 * Acquires the data in `directory`, or makes it the first time. When the account cannot enter that folder, the data is in
 * `reachable` while it is used, and `release`, or the reaper when this process dies, moves it back.
 * @throws when another running process uses it.
 */
export async function openKeptData(options: KeptDataOptions): Promise<KeptData> {
  const { reachable, account, reaper, create } = options;
  const home = resolve(options.directory);
  const kept = join(home, 'data');
  const passwordFile = join(home, 'password');
  const marker = join(home, 'in-use.json');
  mkdirSync(home, { recursive: true });
  await settleFormerUse(marker, kept);

  const moves = !(await canEnter(account, home));
  const data = moves ? join(reachable, 'kept') : kept;
  const use: Use = { ...identify(process.pid), reaper: reaper.pid, data };
  writeFileSync(marker, JSON.stringify(use), { flag: 'wx' });
  const forget = moves ? reaper.moveBackAtEnd(data, kept, marker) : reaper.removeAtEnd(marker);

  const release = () => {
    if (moves) moveDirectory(data, kept);
    rmSync(marker, { force: true });
    forget();
  };
  try {
    if (existsSync(kept)) {
      if (moves) moveDirectory(kept, data);
    } else {
      const fresh = join(reachable, 'fresh');
      writeFileSync(passwordFile, await create(fresh), { mode: 0o600 });
      moveDirectory(fresh, data);
    }
    if (account) execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, data]);
    return { data, password: readFileSync(passwordFile, 'utf8'), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** After a crash of this process the reaper may still be moving the data; after a crash of the machine there is none. */
async function settleFormerUse(marker: string, kept: string): Promise<void> {
  const use = readUse(marker);
  if (!use) return;
  if (use.startedAt === identify(use.pid).startedAt) {
    throw new Error(`The data in ${dirname(kept)} is in use by process ${use.pid}. Stop that process first.`);
  }
  const deadline = performance.now() + REAPER_NEEDS_MS;
  while (readUse(marker) && use.reaper && findProcess(use.reaper) && performance.now() < deadline) {
    await sleep(POLL_MS);
  }
  if (!readUse(marker)) return;
  if (use.data !== kept) moveDirectory(use.data, kept);
  if (use.data !== kept && !existsSync(kept)) {
    throw new Error(
      `The data kept in ${dirname(kept)} lay in ${use.data} when it was last in use, and is gone from there. ` +
        `To begin with an empty database, remove ${marker}.`,
    );
  }
  rmSync(marker, { force: true });
}

function readUse(marker: string): Use | undefined {
  try {
    return JSON.parse(readFileSync(marker, 'utf8'));
  } catch {
    return undefined;
  }
}

function identify(pid: number): { pid: number; startedAt: string | undefined } {
  return { pid, startedAt: findProcess(pid)?.startedAt };
}

async function canEnter(account: Account, directory: string): Promise<boolean> {
  return (await runAsAccount(account, '/bin/sh', ['-c', 'cd "$0"', directory])).ok;
}
