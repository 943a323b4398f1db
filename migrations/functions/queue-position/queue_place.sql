-- What decides an unfinished job's place: {priority, run_at_us}; null for any other.
create or replace function public.queue_place(p_job_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('priority', priority, 'run_at_us', (extract(epoch from run_at) * 1000000)::bigint)
  from public.job_runs where job_id = p_job_id and active;
$$;

revoke all on function public.queue_place from public, anon, authenticated;
grant execute on function public.queue_place to service_role;
