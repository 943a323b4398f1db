import type { Client } from 'pg';
import type { SqlFile } from './files.ts';
import { listChanged, recordDefinition } from './state.ts';

/** Applies the access files whose text has changed, one transaction a file: no two tables are locked at once. */
export async function applyAccess(
  client: Client,
  files: readonly SqlFile[],
  note: (name: string) => void,
): Promise<string[]> {
  const changed = await listChanged(client, files);
  for (const file of changed) {
    await client.query('begin');
    await client.query(file.sql);
    await recordDefinition(client, file);
    await client.query('commit');
    note(file.name);
  }
  return changed.map(({ name }) => name);
}
