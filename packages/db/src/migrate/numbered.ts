import type { Client } from 'pg';
import type { SqlFile } from './files.ts';

/**
 * Applies what was not applied before, one transaction a file. A file that opens with `-- no-transaction` runs statement
 * by statement, and again from its beginning after a failure.
 */
export async function applyNumbered(
  client: Client,
  files: readonly SqlFile[],
  note: (name: string) => void,
): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>('select name from darkroom.migrations');
  const known = new Set(rows.map(({ name }) => name));
  const pending = files.filter(({ name }) => !known.has(name));
  for (const { name, sql } of pending) {
    const record = () => client.query('insert into darkroom.migrations (name) values ($1)', [name]);
    if (sql.startsWith('-- no-transaction')) {
      for (const statement of sql.split(/;\s*$/m)) {
        if (statement.trim() !== '') await client.query(statement);
      }
      await record();
    } else {
      await client.query('begin');
      await client.query(sql);
      await record();
      await client.query('commit');
    }
    note(name);
  }
  return pending.map(({ name }) => name);
}
