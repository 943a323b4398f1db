-- What Supabase brings, for a Postgres that is not Supabase: its API roles, auth.jwt() and default privileges.
-- On Supabase nothing here changes anything.
set local lock_timeout = '5s';

-- Roles belong to the whole server: another database may be making them at this very moment.
do $$
declare
  v_role text;
begin
  foreach v_role in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      begin
        execute format('create role %I nologin noinherit %s', v_role,
          case v_role when 'service_role' then 'bypassrls' else '' end);
        execute format('alter role %I set statement_timeout = %L', v_role,
          case v_role when 'anon' then '3s' else '8s' end);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
    if not pg_catalog.pg_has_role(current_user, v_role, 'member') then
      execute format('grant %I to %I', v_role, current_user);
    end if;
  end loop;
end
$$;

do $$
begin
  if to_regnamespace('auth') is null then
    create schema auth;
  end if;
  if to_regprocedure('auth.jwt()') is null then
    create function auth.jwt() returns jsonb language sql stable as
      $f$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $f$;
    comment on function auth.jwt() is 'The claims of the caller''s token, or null.';
    grant usage on schema auth to anon, authenticated, service_role;
    grant execute on function auth.jwt() to anon, authenticated, service_role;
  end if;
end
$$;

grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;

-- Helpers and triggers live here; PostgREST does not expose it.
create schema if not exists darkroom;
revoke all on schema darkroom from public;

create function darkroom.now() returns timestamptz
language sql stable set search_path = '' as $$
  select pg_catalog.now()
    + coalesce(nullif(current_setting('darkroom.clock_offset', true), '')::interval, interval '0');
$$;
comment on function darkroom.now() is
  'The one clock of all rules: the database''s. Tests move it with the setting darkroom.clock_offset (an interval).';
