import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../..');

/** What `migrations/RELEASED` says: the commit of the latest release, and its last numbered migration. */
export function readReleased(): { commit: string; migration: string } {
  const text = readFileSync(path.join(root, 'migrations/RELEASED'), 'utf8');
  const value = (name: string) => {
    const [, found] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? [];
    if (!found) throw new Error(`migrations/RELEASED: there is no line "${name} …"`);
    return found;
  };
  return { commit: value('commit'), migration: value('migration') };
}

/** The names of the numbered migrations, in order. */
export function listMigrations(): string[] {
  return readdirSync(path.join(root, 'migrations'))
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -'.sql'.length))
    .sort();
}

export function readMigration(name: string, from = root): string {
  return readFileSync(path.join(from, 'migrations', `${name}.sql`), 'utf8');
}
