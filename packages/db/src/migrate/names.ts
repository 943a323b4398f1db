import { readdir } from 'node:fs/promises';
import path from 'node:path';

/** The migrations of this release, in order, as the database names those it has. */
export async function migrationNames(): Promise<string[]> {
  const files = await readdir(path.resolve(import.meta.dirname, '../../../../migrations'));
  return files
    .filter((file) => file.endsWith('.sql') && !file.startsWith('.'))
    .map((file) => path.basename(file, '.sql'))
    .sort();
}
