import { randomBytes } from 'node:crypto';
import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { runAsAccount } from './run-as-account.ts';

/** PostgreSQL's built-in locale C.UTF-8 is the same on every machine and knows the case of Unicode letters. */
const INITDB_OPTIONS = [
  '--username=postgres',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-sync',
  '--no-instructions',
];

/**
 * Initialises a database cluster in `data`, which must not exist or be empty, owned by the account.
 * Returns the random password of its superuser `postgres`. The password is in a file in `scratch` meanwhile.
 */
export async function createCluster(
  binaries: Binaries,
  account: Account,
  data: string,
  scratch: string,
): Promise<string> {
  const password = randomBytes(24).toString('hex');
  const passwordFile = join(scratch, 'new-password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  try {
    if (account) chownSync(passwordFile, account.uid, account.gid);
    const made = await runAsAccount(account, binaries.initdb, [
      `--pgdata=${data}`,
      `--pwfile=${passwordFile}`,
      ...INITDB_OPTIONS,
    ]);
    if (!made.ok) throw new Error(`PostgreSQL's initdb failed in ${data}: ${made.output}`);
    return password;
  } finally {
    rmSync(passwordFile, { force: true });
  }
}
