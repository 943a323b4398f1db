import pg from 'pg';

/** Every function and view: its text, what it guarantees, and who may call it. */
export async function dumpFunctions(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ text: string }>(`
      select concat_ws(E'\\n', pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc'), (
          select string_agg(grantee::regrole::text || ' ' || privilege_type, ', ' order by grantee::regrole::text)
          from aclexplode(p.proacl))) as text
      from pg_proc p
      where p.prokind = 'f' and p.pronamespace in ('public'::regnamespace, 'darkroom'::regnamespace)
      union all
      select concat_ws(E'\\n', c.relname, array_to_string(c.reloptions, ', '), pg_get_viewdef(c.oid), obj_description(c.oid), (
          select string_agg(grantee::regrole::text || ' ' || privilege_type, ', ' order by grantee::regrole::text, privilege_type)
          from aclexplode(c.relacl)))
      from pg_class c
      where c.relkind = 'v' and c.relnamespace in ('public'::regnamespace, 'darkroom'::regnamespace)
      order by 1`);
    return rows.map(({ text }) => text).join('\n\n');
  } finally {
    await client.end();
  }
}
