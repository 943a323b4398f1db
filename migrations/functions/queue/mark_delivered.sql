-- Records that the queue holds these deliveries ([{job_id, delivery}]). One that a worker has claimed, or that a
-- later one has replaced, is left alone.
create or replace function public.mark_delivered(p_deliveries jsonb) returns void
language sql security definer set search_path = '' as $$
  update public.job_runs set delivered_at = darkroom.now()
  where job_id = any ((select darkroom.lock_waiting(p_deliveries))::uuid[]);
$$;

revoke all on function public.mark_delivered from public, anon, authenticated;
grant execute on function public.mark_delivered to service_role;
