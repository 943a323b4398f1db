import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** Of this repository. */
export const migrationsFolder = path.resolve(import.meta.dirname, '../../../../migrations');

export interface SqlFile {
  /** Its path in `migrations/`, without `.sql`: `0003_jobs`, `functions/jobs/create_job`, `access/users`. */
  name: string;
  sql: string;
  checksum: string;
}

/** What `migrations/` holds. */
export interface MigrationFiles {
  /** One more than the latest release: the number of the release that this tree becomes. */
  release: number;
  /** Of all files together: two trees with the same one make the same database. */
  checksum: string;
  /** Applied once, in this order. */
  numbered: readonly SqlFile[];
  /** Applied again when their text changes. Views come after the functions, which they may call. */
  functions: readonly SqlFile[];
  /** Applied again when their text changes, after the functions, each in a transaction of its own. */
  access: readonly SqlFile[];
}

export async function readMigrations(folder = migrationsFolder): Promise<MigrationFiles> {
  const names = (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith('.sql') && !path.basename(file).startsWith('.'))
    .map((file) => file.slice(0, -'.sql'.length).replaceAll(path.sep, '/'))
    .sort();
  const files = await Promise.all(
    names.map(async (name): Promise<SqlFile> => {
      const sql = await readFile(path.join(folder, `${name}.sql`), 'utf8');
      return { name, sql, checksum: hash(sql) };
    }),
  );
  const functions = files.filter(({ name }) => name.startsWith('functions/'));
  const isView = ({ sql }: SqlFile) => /^create or replace view\b/m.test(sql);
  return {
    release: 1 + (await readReleased(folder)),
    checksum: hash(files.map(({ name, checksum }) => `${name} ${checksum}\n`).join('')),
    numbered: files.filter(({ name }) => /^\d{4}_\w+$/.test(name)),
    functions: [...functions.filter((file) => !isView(file)), ...functions.filter(isView)],
    access: files.filter(({ name }) => name.startsWith('access/')),
  };
}

/** The number of the latest release. */
async function readReleased(folder: string): Promise<number> {
  const text = await readFile(path.join(folder, 'RELEASED'), 'utf8');
  const [, release] = /^release (\d+)$/m.exec(text) ?? [];
  if (!release) throw new Error('migrations/RELEASED: there is no line "release …"');
  return Number(release);
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
