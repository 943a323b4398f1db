import { randomUUID } from 'node:crypto';
import { chownSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reaper } from '../processes/reaper.ts';
import type { Account } from './account.ts';
import { runAsAccount } from './run-as-account.ts';

/** Run by the account: enter the folder, write a file and execute it (some file systems forbid that). */
const PROBE = 'cd "$0" && printf "#!/bin/sh\\n" > probe && chmod 700 probe && ./probe && rm probe';

export interface PrivateFolder {
  path: string;
  /** Removes the folder. Idempotent. */
  remove(): void;
}

/**
 * Makes a folder that only the account can enter, in `preferred` if the account can reach it, else in a temporary folder
 * of the system. It is removed with this process at the latest.
 * @throws when the account can use none of them.
 */
export async function makePrivateFolder(
  reaper: Reaper,
  account: Account,
  preferred: string,
): Promise<PrivateFolder> {
  const parents = [preferred, tmpdir(), '/tmp', '/var/tmp', '/dev/shm'];
  const refusals: string[] = [];
  for (const parent of new Set(parents)) {
    const folder = planFolder(reaper, parent);
    try {
      mkdirSync(parent, { recursive: true });
      mkdirSync(folder.path, { mode: 0o700 });
      if (account) chownSync(folder.path, account.uid, account.gid);
      const probe = await runAsAccount(account, '/bin/sh', ['-c', PROBE, folder.path]);
      if (probe.ok) return folder;
      refusals.push(`${parent}: ${probe.output}`);
    } catch (error) {
      refusals.push(`${parent}: ${error instanceof Error ? error.message : error}`);
    }
    folder.remove();
  }
  const who = account?.name ?? 'this user';
  throw new Error(`PostgreSQL needs a folder that ${who} can write to. Tried:\n  ${refusals.join('\n  ')}`);
}

/** Registered before it is made, so that it never outlives a crash. */
function planFolder(reaper: Reaper, parent: string): PrivateFolder {
  const path = join(parent, `darkroom-postgres-${randomUUID().slice(0, 8)}`);
  const forget = reaper.removeAtEnd(path);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
      forget();
    },
  };
}
