import pg from 'pg';

/**
 * Writes down what the migrations make, as SQL-like text in a fixed order: tables with columns, constraints,
 * indexes, triggers, policies and privileges, views, and functions with their bodies and guarantees.
 * Names of owners are left out: they differ from server to server.
 */
export async function dumpSchema(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const parts: string[] = [];
    for (const { title, sql } of sections) {
      const { rows } = await client.query<{ line: string }>(sql);
      parts.push(`-- ${title}\n\n${rows.map((row) => row.line).join('\n')}\n`);
    }
    return `-- What migrations/ make of an empty database. Written by \`npm run schema\`, compared by the tests.\n\n${parts.join('\n')}`;
  } finally {
    await client.end();
  }
}

const ours = `c.relnamespace in ('public'::regnamespace, 'darkroom'::regnamespace) and c.relname not in ('migrations', 'migrations_id_seq')`;
const roles = `('anon', 'authenticated', 'service_role', 'public')`;

const sections = [
  {
    title: 'Tables',
    sql: `select format(E'table %s.%s\\n%s%s', c.relnamespace::regnamespace, c.relname,
        (select string_agg(format('  %s %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
            case when a.attnotnull then ' not null' else '' end,
            coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), case a.attidentity when 'a' then ' generated always as identity' else '' end),
            case a.attstorage when 'm' then ' storage main' else '' end), E'\\n' order by a.attname)
         from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
        case when c.relrowsecurity then E'\\n  row level security' else '' end
        || case c.relreplident when 'f' then E'\\n  replica identity full' else '' end || E'\\n') as line
      from pg_class c where c.relkind = 'r' and ${ours} order by c.relnamespace::regnamespace::text, c.relname`,
  },
  {
    title: 'Constraints',
    sql: `select format('%s.%s: %s %s', c.relnamespace::regnamespace, c.relname, k.conname, pg_get_constraintdef(k.oid)) as line
      from pg_constraint k join pg_class c on c.oid = k.conrelid
      where k.contype <> 'n' and ${ours} order by 1`,
  },
  {
    title: 'Indexes',
    sql: `select pg_get_indexdef(i.indexrelid) || case when i.indisvalid then '' else ' INVALID' end as line
      from pg_index i join pg_class c on c.oid = i.indrelid where ${ours} order by 1`,
  },
  {
    title: 'Triggers',
    sql: `select pg_get_triggerdef(t.oid) as line from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where not t.tgisinternal and ${ours} order by 1`,
  },
  {
    title: 'Policies',
    sql: `select format('%s.%s: %s %s for %s to %s using (%s) with check (%s)', schemaname, tablename, policyname,
        lower(permissive), lower(cmd), array_to_string(roles, ', '), coalesce(qual, '-'), coalesce(with_check, '-')) as line
      from pg_policies where schemaname in ('public', 'darkroom') order by 1`,
  },
  {
    title: 'Privileges on tables and views',
    sql: `select format('%s.%s: %s may %s', c.relnamespace::regnamespace, c.relname, g.grantee,
        string_agg(lower(g.privilege), ', ' order by g.privilege)) as line
      from pg_class c,
        lateral (select case a.grantee when 0 then 'public' else a.grantee::regrole::text end as grantee, a.privilege_type as privilege
                 from aclexplode(c.relacl) a where a.privilege_type <> 'MAINTAIN') g
      where c.relkind in ('r', 'v') and g.grantee in ${roles} and ${ours}
      group by c.relnamespace, c.relname, g.grantee order by 1`,
  },
  {
    title: 'Privileges on columns',
    sql: `select format('%s.%s: %s may %s (%s)', c.relnamespace::regnamespace, c.relname, g.grantee, g.privilege,
        string_agg(g.attname, ', ' order by g.attname)) as line
      from pg_class c,
        lateral (select a.attname, case x.grantee when 0 then 'public' else x.grantee::regrole::text end as grantee,
                   lower(x.privilege_type) as privilege
                 from pg_attribute a, aclexplode(a.attacl) x where a.attrelid = c.oid and not a.attisdropped) g
      where g.grantee in ${roles} and ${ours}
      group by c.relnamespace, c.relname, g.grantee, g.privilege order by 1`,
  },
  {
    title: 'Views',
    sql: `select format(E'view %s.%s (%s) as\\n%s\\n', c.relnamespace::regnamespace, c.relname,
        coalesce(array_to_string(c.reloptions, ', '), ''), pg_get_viewdef(c.oid)) as line
      from pg_class c where c.relkind = 'v' and ${ours} order by 1`,
  },
  {
    title: 'Functions',
    sql: `select format(E'%s\\n-- %s\\n-- may be called by: %s\\n', trim(trailing E'\\n' from pg_get_functiondef(p.oid)),
        coalesce(obj_description(p.oid, 'pg_proc'), ''),
        coalesce((select string_agg(g.grantee, ', ' order by g.grantee) from (
          select case a.grantee when 0 then 'public' else a.grantee::regrole::text end as grantee
          from aclexplode(p.proacl) a) g where g.grantee in ${roles}), 'nobody else')) as line
      from pg_proc p where p.prokind = 'f' and p.pronamespace in ('public'::regnamespace, 'darkroom'::regnamespace)
      order by p.pronamespace::regnamespace::text, p.proname, pg_get_function_identity_arguments(p.oid)`,
  },
];
