import type { Account } from './account.ts';
import { runAsAccount } from './run-as-account.ts';

/**
 * PostgreSQL refuses to run as root: root starts it as `postgres` if that account exists, else as `nobody`. Any other
 * user runs it as itself.
 * @throws when root can use neither, as in some containers.
 */
export async function chooseAccount(): Promise<Account> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const account = await lookUp(name);
    if (account && (await runAsAccount(account, '/bin/sh', ['-c', ':'])).ok) return account;
  }
  throw new Error(
    'PostgreSQL does not run as root, and neither `postgres` nor `nobody` can be used here: ' +
      'start this as an ordinary user, or set DATABASE_URL to a database of your own.',
  );
}

async function lookUp(name: string): Promise<Account> {
  const uid = await runAsAccount(undefined, 'id', ['-u', name]);
  const gid = await runAsAccount(undefined, 'id', ['-g', name]);
  if (!uid.ok || !gid.ok || Number(uid.output) === 0) return undefined;
  return { name, uid: Number(uid.output), gid: Number(gid.output) };
}
