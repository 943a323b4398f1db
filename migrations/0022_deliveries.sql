-- Finds the named deliveries one by one, by their jobs. Joined as a set, a plan made while little was waiting read
-- everything that waits for each batch, and went on doing so while the line grew.
set local lock_timeout = '5s';

create function darkroom.lock_waiting(p_deliveries jsonb) returns uuid[]
language sql security definer set search_path = '' as $$
  select array(
    select locked.job_id
    from (select job_id, delivery from jsonb_to_recordset(p_deliveries) as d (job_id uuid, delivery integer) order by job_id) d
    cross join lateral (
      select r.job_id from public.job_runs r
      where r.job_id = d.job_id and r.delivery = d.delivery and r.active and r.worker_id is null
      for no key update
    ) locked);
$$;
comment on function darkroom.lock_waiting(jsonb) is
  'Locks the runs of these deliveries ([{job_id, delivery}]) that still wait, by id, and returns their jobs. One that a worker has claimed, or that a later one has replaced, is left out.';
revoke all on function darkroom.lock_waiting(jsonb) from public, anon, authenticated;

-- In a query of its own each: once for all rows, not once a row.
create or replace function public.mark_delivered(p_deliveries jsonb) returns void
language sql security definer set search_path = '' as $$
  update public.job_runs set delivered_at = darkroom.now()
  where job_id = any ((select darkroom.lock_waiting(p_deliveries))::uuid[]);
$$;

create or replace function public.mark_undelivered(p_deliveries jsonb) returns void
language sql security definer set search_path = '' as $$
  update public.job_runs set delivered_at = null, offered_at = null
  where job_id = any ((select darkroom.lock_waiting(p_deliveries))::uuid[]);
$$;
