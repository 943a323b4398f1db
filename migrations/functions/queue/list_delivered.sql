-- Deliveries the queue should hold that nobody has checked within a minute, longest first. Confirming one moves it to
-- the end, so that each gets its turn.
create or replace function public.list_delivered(p_limit integer default 500) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('job_id', job_id, 'delivery', delivery)), '[]')
  from (
    select job_id, delivery from public.job_runs
    where active and worker_id is null and delivered_at < darkroom.now() - interval '1 minute'
    order by delivered_at limit p_limit
  ) longest_unseen;
$$;

revoke all on function public.list_delivered from public, anon, authenticated;
grant execute on function public.list_delivered to service_role;
