import { type Client, escapeIdentifier, escapeLiteral } from 'pg';
import type { SqlFile } from './files.ts';
import { listChanged, recordDefinition } from './state.ts';

/** `create or replace` cannot change a signature; grants by name cannot choose between two overloads. */
const otherSignature = new Set(['42P13', '42725']);

/**
 * Applies the functions and views whose text has changed, all in one transaction: callers see all of them or none.
 * Their order does not matter, because bodies are checked after the last is there. A function whose signature has
 * changed is dropped first, so that no overload is left.
 */
export async function applyFunctions(client: Client, files: readonly SqlFile[]): Promise<string[]> {
  const changed = await listChanged(client, files);
  if (changed.length === 0) return [];
  await client.query('begin; set local check_function_bodies = off');
  for (const file of changed) {
    await applyOne(client, file);
    await recordDefinition(client, file);
  }
  await checkBodies(client, changed.map(nameOf));
  await client.query("notify pgrst, 'reload schema'; commit");
  return changed.map(({ name }) => name);
}

async function applyOne(client: Client, file: SqlFile): Promise<void> {
  const { kind, schema, name } = nameOf(file);
  const qualified = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
  const statements = `${file.sql}\n;comment on ${kind} ${qualified} is ${escapeLiteral(guaranteeOf(file))}`;
  try {
    await client.query(`savepoint one; ${statements}; release one`);
  } catch (error) {
    if (kind !== 'function' || !otherSignature.has((error as { code?: string }).code ?? '')) throw error;
    await client.query('rollback to one');
    for (const signature of await listSignatures(client, schema, name)) {
      await client.query(`drop function ${signature}`);
    }
    await client.query(`${statements}; release one`);
  }
}

interface Definition {
  kind: 'function' | 'view';
  schema: string;
  name: string;
}

/** Of the one function or view that the file creates. */
function nameOf({ name: file, sql }: SqlFile): Definition {
  const created = [...sql.matchAll(/^create or replace (function|view) (\w+)\.(\w+)/gm)];
  const [, kind, schema, name] = created[0] ?? [];
  if (created.length !== 1 || name !== file.split('/').at(-1)) {
    throw new Error(`migrations/${file}.sql must create one function or view, of the name of the file`);
  }
  return { kind: kind as Definition['kind'], schema: schema!, name: name! };
}

/** The comment that the file opens with: what the function guarantees. */
function guaranteeOf({ name, sql }: SqlFile): string {
  const lines = sql.slice(0, sql.search(/^(?!--)/m)).match(/^-- .*$/gm);
  if (!lines) throw new Error(`migrations/${name}.sql must open with a comment that says what it guarantees`);
  return lines.map((line) => line.slice('-- '.length)).join(' ');
}

async function listSignatures(client: Client, schema: string, name: string): Promise<string[]> {
  const { rows } = await client.query<{ signature: string }>(
    `select oid::regprocedure as signature from pg_catalog.pg_proc
     where pronamespace = to_regnamespace($1) and proname = $2`,
    [schema, name],
  );
  return rows.map(({ signature }) => signature);
}

/** What `create function` does where check_function_bodies is on. */
async function checkBodies(client: Client, definitions: Definition[]): Promise<void> {
  const functions = definitions.filter(({ kind }) => kind === 'function');
  await client.query('set local check_function_bodies = on');
  await client.query(
    `select case l.lanname when 'sql' then fmgr_sql_validator(p.oid) when 'plpgsql' then plpgsql_validator(p.oid) end
     from pg_catalog.pg_proc p join pg_catalog.pg_language l on l.oid = p.prolang
     where p.oid in (
       select p.oid from pg_catalog.pg_proc p
       join pg_catalog.pg_namespace n on n.oid = p.pronamespace
       join unnest($1::text[], $2::text[]) as changed (schema, name) on n.nspname = schema and p.proname = name)`,
    [functions.map(({ schema }) => schema), functions.map(({ name }) => name)],
  );
}
