import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { root } from './released.ts';

/**
 * The code of a commit in a folder of its own, ready to run with the dependencies that are installed now.
 * Taken once; fetched from the clone's origin where the history does not reach back that far.
 * @returns null where it cannot be had at all.
 */
export function takeRelease(commit: string): string | null {
  const folder = path.join(root, '.local/releases', commit);
  if (existsSync(folder)) return folder;
  if (!isKnown(commit)) git('fetch', '--quiet', '--depth=1', 'origin', commit);
  if (!isKnown(commit)) return null;

  mkdirSync(path.dirname(folder), { recursive: true });
  const draft = mkdtempSync(`${folder}-`);
  const archive = path.join(draft, 'code.tar');
  git('archive', `--output=${archive}`, commit, 'apps', 'packages', 'migrations', 'package.json');
  execFileSync('tar', ['-xf', archive, '-C', draft]);
  linkDependencies(draft);
  try {
    renameSync(draft, folder);
  } catch (error) {
    // Another run was quicker.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** What comes from the registry is the present one; packages of the house are those of the commit. */
function linkDependencies(release: string): void {
  const workspaces = ['apps', 'packages'].flatMap((group) =>
    readdirSync(path.join(release, group)).map((name) => `${group}/${name}`),
  );
  for (const place of ['.', ...workspaces]) {
    const installed = path.join(root, place, 'node_modules');
    if (!existsSync(installed)) continue;
    const linked = path.join(release, place, 'node_modules');
    mkdirSync(linked, { recursive: true });
    for (const name of readdirSync(installed)) {
      if (name !== '@darkroom') symlinkSync(path.join(installed, name), path.join(linked, name));
    }
  }
  const house = path.join(release, 'node_modules/@darkroom');
  mkdirSync(house, { recursive: true });
  for (const workspace of workspaces) {
    symlinkSync(path.join('../..', workspace), path.join(house, path.basename(workspace)));
  }
}

function isKnown(commit: string): boolean {
  return git('cat-file', '-e', `${commit}^{commit}`);
}

function git(...args: string[]): boolean {
  try {
    execFileSync('git', args, { cwd: root, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
