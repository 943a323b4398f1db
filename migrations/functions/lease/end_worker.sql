-- Gives the lease up at once. Jobs still claimed under it are delivered again; that counts as no loss.
create or replace function public.end_worker(p_worker_id uuid) returns void
language sql security definer set search_path = '' as $$
  update public.workers set lease_expires_at = darkroom.now(), ended_at = darkroom.now() where id = p_worker_id;
$$;

revoke all on function public.end_worker from public, anon, authenticated;
grant execute on function public.end_worker to service_role;
