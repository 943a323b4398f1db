-- Records that the queue does not hold these deliveries: the next sweep makes new ones.
create or replace function public.mark_undelivered(p_deliveries jsonb) returns void
language sql security definer set search_path = '' as $$
  update public.job_runs set delivered_at = null, offered_at = null
  where job_id = any ((select darkroom.lock_waiting(p_deliveries))::uuid[]);
$$;

revoke all on function public.mark_undelivered from public, anon, authenticated;
grant execute on function public.mark_undelivered to service_role;
