import type { Client } from 'pg';
import type { MigrationFiles, SqlFile } from './files.ts';

/** Of the numbering that was in use before the first release. */
const oldFirst = '0001_supabase';

/**
 * Creates what migrations keep about themselves, if it is not there.
 * @throws for a database of the old numbering; then nothing was changed.
 */
export async function prepareState(client: Client): Promise<void> {
  const { rows } = await client.query<{ known: boolean }>(
    "select to_regclass('darkroom.migrations') is not null as known",
  );
  if (rows[0]?.known) return refuseOldNumbering(client);
  await client.query(`
    create schema if not exists darkroom;
    create table darkroom.migrations (
      id integer generated always as identity primary key,
      name text not null unique,
      applied_at timestamptz not null default now()
    );
    comment on table darkroom.migrations is 'The numbered files of migrations/ that were applied.';
    create table darkroom.definitions (
      name text primary key,
      checksum text not null,
      applied_at timestamptz not null default now()
    );
    comment on table darkroom.definitions is 'The files of migrations/functions and migrations/access, as last applied.';
    create table darkroom.releases (
      release integer not null,
      checksum text not null,
      migrated_at timestamptz not null default now(),
      primary key (release, checksum)
    );
    comment on table darkroom.releases is 'Every state of migrations/ that this database was brought to.';`);
}

async function refuseOldNumbering(client: Client): Promise<void> {
  const { rows } = await client.query('select from darkroom.migrations where name = $1', [oldFirst]);
  if (rows.length === 0) return;
  throw new Error(
    `This database was made by the migrations of a version before the first release (${oldFirst} and those after it). ` +
      'They have been replaced, and the present ones cannot continue from them. Nothing was changed. ' +
      "Migrate a new database instead, or one that holds only the native app's tables.",
  );
}

/** 0: none yet. */
export async function readLatestRelease(client: Client): Promise<number> {
  const { rows } = await client.query<{ latest: number }>(
    'select coalesce(max(release), 0) as latest from darkroom.releases',
  );
  return rows[0]?.latest ?? 0;
}

export async function recordRelease(client: Client, files: MigrationFiles): Promise<void> {
  await client.query(
    `insert into darkroom.releases (release, checksum) values ($1, $2)
     on conflict (release, checksum) do update set migrated_at = now()`,
    [files.release, files.checksum],
  );
}

/** Those whose text is not what was last applied, in their order. */
export async function listChanged(client: Client, files: readonly SqlFile[]): Promise<SqlFile[]> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'select name, checksum from darkroom.definitions',
  );
  const known = new Map(rows.map(({ name, checksum }) => [name, checksum]));
  return files.filter(({ name, checksum }) => known.get(name) !== checksum);
}

export async function recordDefinition(client: Client, { name, checksum }: SqlFile): Promise<void> {
  await client.query(
    `insert into darkroom.definitions (name, checksum) values ($1, $2)
     on conflict (name) do update set checksum = excluded.checksum, applied_at = now()`,
    [name, checksum],
  );
}
