import { execFile } from 'node:child_process';
import type { Account } from './account.ts';

/** Runs a command as the account in an empty environment. Returns failures instead of throwing. */
export function runAsAccount(
  account: Account,
  command: string,
  args: readonly string[],
): Promise<{ ok: boolean; output: string }> {
  const options = {
    uid: account?.uid,
    gid: account?.gid,
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
  };
  return new Promise((resolve) => {
    try {
      execFile(command, args, options, (error, stdout, stderr) => {
        const output = `${stdout}${stderr}`.trim();
        resolve({ ok: !error, output: output || (error?.message ?? '') });
      });
    } catch (error) {
      resolve({ ok: false, output: String(error) });
    }
  });
}
