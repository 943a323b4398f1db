/**
 * Reads the objects of schema `public`. With an empty search path, Postgres writes every type with its schema, so that
 * the names are valid under any search path.
 */
export const READ_CATALOG = `
select set_config('search_path', '', true);

select coalesce(json_agg(relation), '[]') as found
from (
  select c.relname as name,
    (
      select coalesce(json_agg(json_build_object(
        'name', a.attname,
        'type', format_type(a.atttypid, a.atttypmod),
        'default', case
          when a.attgenerated <> '' then null
          when a.attidentity <> '' then format('nextval(%L::regclass)',
            pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname))
          else pg_get_expr(d.adbin, d.adrelid)
        end
      ) order by a.attnum), '[]')
      from pg_attribute a
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ) as columns,
    (
      select coalesce(json_agg(a.attname order by k.position), '[]')
      from pg_index i
      cross join unnest(i.indkey::int2[]) with ordinality k(attnum, position)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
      where i.indrelid = c.oid and i.indisprimary
    ) as "primaryKey"
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'f')
) relation;

select coalesce(json_agg(routine), '[]') as found
from (
  select p.proname as name,
    (
      select coalesce(json_agg(json_build_object(
        'name', input.name,
        'type', format_type(input.type, null),
        'variadic', input.mode = 'v',
        'required', input.position <= p.pronargs - p.pronargdefaults
      ) order by input.position), '[]')
      from (
        select coalesce(p.proargnames[arg.position], '') as name,
          arg.type,
          coalesce(p.proargmodes[arg.position], 'i') as mode,
          row_number() over (order by arg.position) as position
        from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality arg(type, position)
        where coalesce(p.proargmodes[arg.position], 'i') in ('i', 'b', 'v')
      ) input
    ) as arguments,
    case
      when p.prorettype = 'void'::regtype then 'void'
      when t.typtype = 'c' or t.typname = 'record' or coalesce(p.proargmodes && '{t,b,o}', false) then 'row'
      else 'scalar'
    end as returns,
    p.proretset as "returnsSet",
    case p.provolatile when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end as volatility,
    (
      select split_part(setting, '=', 2) from unnest(p.proconfig) setting
      where setting like 'statement_timeout=%'
    ) as "statementTimeout"
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join pg_type t on t.oid = p.prorettype
  where n.nspname = 'public' and p.prokind = 'f'
) routine;

select coalesce(json_agg(role_setting order by role_setting.specific), '[]') as found
from (
  select r.rolname as role,
    split_part(line, '=', 1) as name,
    substr(line, strpos(line, '=') + 1) as value,
    s.setdatabase <> 0 as specific
  from pg_db_role_setting s
  join pg_roles r on r.oid = s.setrole
  cross join unnest(s.setconfig) line
  join pg_settings known on known.name = split_part(line, '=', 1) and known.context = 'user'
  where s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
) role_setting;
`;
