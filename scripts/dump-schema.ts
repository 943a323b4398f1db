import pg from 'pg';

/**
 * The tables of a migrated database as SQL for people: columns, constraints, indexes, triggers, row level
 * security and privileges, in a fixed order. Functions and views are left out: `migrations/functions` is their text.
 * Owners are left out too, because they differ from server to server.
 */
export async function dumpSchema(databaseUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ oid: number; head: string }>(tablesSql);
    const parts = [heading];
    for (const { oid, head } of tables) {
      const lines = [head];
      for (const sql of details) {
        const { rows } = await client.query<{ line: string }>(sql, [oid]);
        if (rows.length > 0) lines.push(rows.map(({ line }) => line).join('\n'));
      }
      parts.push(lines.join('\n\n'));
    }
    return `${parts.join('\n\n\n')}\n`;
  } finally {
    await client.end();
  }
}

const heading = `-- The tables of an empty database after all of migrations/, for people to read: nothing runs this file.
-- Written by \`npm run schema\`, compared by the tests. Functions and views are in migrations/functions.`;

/** `create table` with its columns and constraints, and its comments. */
const tablesSql = `
  select c.oid, format(E'create table %s (\\n%s\\n);', t.name, concat_ws(E',\\n',
      (select string_agg(format('  %I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
          case when a.attstorage = 'm' then ' storage main' else '' end,
          case when a.attnotnull then ' not null' else '' end,
          case
            when a.attidentity = 'a' then ' generated always as identity'
            when a.attgenerated = 's' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
            else coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '') end), E',\\n' order by a.attnum)
        from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
      (select string_agg(format('  constraint %I %s', k.conname, pg_get_constraintdef(k.oid)), E',\\n'
          order by k.contype <> 'p', k.contype <> 'u', k.contype <> 'f', k.conname)
        from pg_constraint k where k.conrelid = c.oid and k.contype <> 'n')))
    || case when c.relreplident = 'f' then format(E'\\nalter table %s replica identity full;', t.name) else '' end
    || coalesce((select string_agg(format(E'\\ncomment on %s is %L;',
          case when d.objsubid = 0 then 'table ' || t.name else format('column %s.%I', t.name, a.attname) end,
          d.description), '' order by d.objsubid)
        from pg_description d
        left join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid and d.objsubid > 0
        where d.objoid = c.oid and d.classoid = 'pg_class'::regclass), '') as head
  from pg_class c
  cross join lateral (select format('%I.%I', c.relnamespace::regnamespace::text, c.relname) as name) t
  where c.relkind in ('r', 'p') and c.relnamespace in ('public'::regnamespace, 'darkroom'::regnamespace)
  order by c.relnamespace::regnamespace::text desc, c.relname`;

const table = `(select format('%I.%I', c.relnamespace::regnamespace::text, c.relname) from pg_class c where c.oid = $1)`;
const grantee = `case x.grantee when 0 then 'public' else x.grantee::regrole::text end`;
const roles = `('anon', 'authenticated', 'service_role', 'public')`;

const details = [
  `select pg_get_indexdef(i.indexrelid) || case when i.indisvalid then ';' else '; -- INVALID' end as line
    from pg_index i
    where i.indrelid = $1 and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.conrelid = $1)
    order by 1`,
  `select pg_get_triggerdef(t.oid) || ';' as line from pg_trigger t where t.tgrelid = $1 and not t.tgisinternal order by 1`,
  `select line from (
      select 1 as place, '' as name, format('alter table %s enable row level security;', ${table}) as line
      from pg_class where oid = $1 and relrowsecurity
      union all
      select 2, p.polname, format('create policy %I on %s%s for %s to %s%s%s;', p.polname, ${table},
        case when p.polpermissive then '' else ' as restrictive' end,
        case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
        (select string_agg(case r when 0 then 'public' else r::regrole::text end, ', ' order by r::regrole::text)
          from unnest(p.polroles) r),
        E'\\n  using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
        E'\\n  with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
      from pg_policy p where p.polrelid = $1
    ) policies order by place, name`,
  `select line from (
      select g.grantee, '' as privilege, format('grant %s on %s to %s;', string_agg(g.privilege, ', ' order by g.privilege), ${table}, g.grantee) as line
      from (select ${grantee} as grantee, lower(x.privilege_type) as privilege
        from pg_class c, aclexplode(c.relacl) x where c.oid = $1 and x.privilege_type <> 'MAINTAIN') g
      where g.grantee in ${roles} group by g.grantee
      union all
      select g.grantee, g.privilege, format('grant %s (%s) on %s to %s;', g.privilege, string_agg(g.attname, ', ' order by g.attnum), ${table}, g.grantee)
      from (select a.attname::text, a.attnum, ${grantee} as grantee, lower(x.privilege_type) as privilege
        from pg_attribute a, aclexplode(a.attacl) x where a.attrelid = $1 and not a.attisdropped) g
      where g.grantee in ${roles} group by g.grantee, g.privilege
    ) grants order by grantee, privilege`,
];
