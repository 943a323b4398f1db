/**
 * SQL that gives a new database the roles and default privileges of a Supabase project: the roles have all privileges on
 * everything in `public` until they are revoked. Roles belong to the whole server, so they may exist already.
 */
export const supabaseDefaults = `
do $$
declare
  v_role text;
begin
  foreach v_role in array array['anon', 'authenticated', 'service_role'] loop
    begin
      execute format('create role %I nologin noinherit %s', v_role,
        case v_role when 'service_role' then 'bypassrls' else '' end);
      execute format('alter role %I set statement_timeout = %L', v_role, case v_role when 'anon' then '3s' else '8s' end);
    exception when duplicate_object or unique_violation then null;
    end;
  end loop;
end
$$;

grant usage on schema public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
`;
