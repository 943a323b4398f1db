-- The clock of every rule: the database's. Tests move it with the setting darkroom.clock_offset (an interval).
create or replace function darkroom.now() returns timestamptz
language sql stable set search_path = '' as $$
  select pg_catalog.now()
    + coalesce(nullif(current_setting('darkroom.clock_offset', true), '')::interval, interval '0');
$$;

revoke all on function darkroom.now from public;
grant execute on function darkroom.now to anon, authenticated, service_role;
