-- For the doctor: the time, the migrations and the releases that were applied, which of the named server functions
-- are missing or closed to the server, which functions and tables are open to anon or authenticated, workers with a
-- live lease, the queue, and payments that nobody was credited for. Changes nothing.
create or replace function public.operator_report(p_functions text[]) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'now', clock_timestamp(),
    'postgres', current_setting('server_version'),
    'migrations', (select coalesce(jsonb_agg(name order by id), '[]') from darkroom.migrations),
    'release', (select max(release) from darkroom.releases),
    'checksums', (
      select coalesce(jsonb_agg(checksum order by migrated_at desc), '[]') from darkroom.releases
      where release = (select max(release) from darkroom.releases)),
    'missing_functions', (
      select coalesce(jsonb_agg(wanted order by wanted), '[]') from unnest(p_functions) wanted
      where not exists (select from pg_catalog.pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname = wanted)),
    'closed_functions', (
      select coalesce(jsonb_agg(distinct p.proname::text), '[]') from pg_catalog.pg_proc p
      where p.pronamespace = 'public'::regnamespace and p.proname = any (p_functions)
        and not pg_catalog.has_function_privilege('service_role', p.oid, 'execute')),
    'open_functions', (
      select coalesce(jsonb_agg(distinct p.oid::regprocedure::text), '[]') from pg_catalog.pg_proc p
      where ((p.pronamespace = 'public'::regnamespace and p.proname = any (p_functions))
          or (p.pronamespace = 'darkroom'::regnamespace and p.proname not in ('now', 'free_email', 'is_deleted')))
        and (pg_catalog.has_function_privilege('anon', p.oid, 'execute')
          or pg_catalog.has_function_privilege('authenticated', p.oid, 'execute'))),
    'open_tables', (
      select coalesce(jsonb_agg(c.relname::text order by c.relname), '[]') from pg_catalog.pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity
        and (pg_catalog.has_table_privilege('anon', c.oid, 'select, insert, update, delete')
          or pg_catalog.has_table_privilege('authenticated', c.oid, 'select, insert, update, delete'))),
    'workers', (select count(*) from public.workers where ended_at is null and lease_expires_at > darkroom.now()),
    'waiting', (select count(*) from public.job_runs where active and worker_id is null),
    'running', (select count(*) from public.job_runs where active and worker_id is not null),
    'oldest_due_ms', (select round(extract(epoch from darkroom.now() - min(run_at)) * 1000) from public.job_runs
      where active and worker_id is null and run_at <= darkroom.now()),
    'unresolved_events', (select count(*) from public.webhook_events
      where outcome in ('unknown_user', 'unknown_price', 'deleted_user')));
end
$$;

revoke all on function public.operator_report from public, anon, authenticated;
grant execute on function public.operator_report to service_role;
