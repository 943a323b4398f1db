import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../processes/run.ts';

/** Always installed, and must not be mixed with another version. */
const SYSTEM_LIBRARIES = ['libc6', 'libgcc-s1', 'libcrypt1'];

export interface Apt {
  /** Downloads packages and unpacks them below `root`. Returns an explanation when it fails. */
  unpack(packages: readonly string[], root: string): Promise<string | undefined>;
  /** The same for the missing libraries on which the unpacked packages depend. */
  unpackDependencies(root: string): Promise<string | undefined>;
}

/**
 * Opens the system's package archive with package lists in `folder`. Works without root and with empty or old system
 * lists, and changes nothing outside of `folder`. Returns an explanation when it fails.
 */
export async function openApt(folder: string, signal: AbortSignal): Promise<Apt | string> {
  if (process.platform !== 'linux') return 'this system has no Debian packages';
  if (!existsSync('/usr/bin/apt-get')) return 'apt-get is not on this system';
  const settings = makeSettings(folder);
  const archive = join(folder, 'archive');
  mkdirSync(archive, { recursive: true });
  const update = await run('apt-get', [...settings, 'update'], { signal });
  const present = new Set([...SYSTEM_LIBRARIES, ...(await installed(signal))]);

  async function unpack(packages: readonly string[], root: string): Promise<string | undefined> {
    const fetched = await run('apt-get', [...settings, 'download', ...packages], { cwd: archive, signal });
    if (!fetched.ok)
      return `apt-get download ${packages.join(' ')}: ${update.ok ? fetched.reason : update.reason}`;
    for (const name of packages) {
      const file = readdirSync(archive).find((entry) => entry.startsWith(`${name}_`));
      const done = await run('dpkg-deb', ['-x', join(archive, file ?? `${name}.deb`), root], { signal });
      if (!done.ok) return `dpkg-deb -x ${name}: ${done.reason}`;
      present.add(name);
    }
    return undefined;
  }

  async function unpackDependencies(root: string): Promise<string | undefined> {
    const wanted = new Set<string>();
    for (const file of readdirSync(archive)) {
      const { stdout } = await run('dpkg-deb', ['--field', join(archive, file), 'Depends'], { signal });
      for (const name of libraryNames(stdout)) if (!present.has(name)) wanted.add(name);
    }
    return wanted.size === 0 ? 'no package is known to hold it' : unpack([...wanted], root);
  }

  return { unpack, unpackDependencies };
}

/** Installed packages are not downloaded. */
async function installed(signal: AbortSignal): Promise<string[]> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's syntax for a field.
  const format = '${Package} ${db:Status-Status}\n';
  const { stdout } = await run('dpkg-query', ['--show', `--showformat=${format}`], { signal });
  return stdout.split('\n').flatMap((line) => /^(\S+) installed$/.exec(line)?.[1] ?? []);
}

/** "libssl3 (>= 3.0.0), liblua5.1-0 | liblua, adduser" -> the libraries, the first of alternatives. */
function libraryNames(depends: string): string[] {
  return depends
    .split(',')
    .map((one) => one.trim().split(/[\s(|:]/)[0] ?? '')
    .filter((name) => /^(lib|lua)/.test(name));
}

/** As root, apt would become the user _apt, which cannot write here. */
function makeSettings(folder: string): string[] {
  const state = join(folder, 'state');
  const cache = join(folder, 'cache');
  mkdirSync(join(state, 'lists/partial'), { recursive: true });
  mkdirSync(join(cache, 'archives/partial'), { recursive: true });
  return [
    `Dir::State=${state}`,
    `Dir::Cache=${cache}`,
    'Dir::State::status=/var/lib/dpkg/status',
    'APT::Sandbox::User=',
    'Acquire::Languages=none',
    'Acquire::Retries=1',
    'Acquire::http::Timeout=10',
    'Acquire::https::Timeout=10',
  ].flatMap((setting) => ['-o', setting]);
}
