import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrationsFolder } from '@darkroom/db/migrate/files';
import { onTestFinished } from 'vitest';

/** A copy of `migrations/` for one test, in which some files have other text; null removes one. */
export async function changeMigrations(
  changes: Record<string, string | null | ((text: string) => string)>,
): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'migrations-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await cp(migrationsFolder, folder, { recursive: true });
  for (const [name, change] of Object.entries(changes)) {
    const file = path.join(folder, name);
    if (change === null) await rm(file);
    else await writeFile(file, typeof change === 'string' ? change : change(await readFile(file, 'utf8')));
  }
  return folder;
}

/** Text of RELEASED that makes a tree that of `release`. */
export const treeOf = (release: number): string => `release ${release - 1}\n`;
