-- Finds the named deliveries one by one, by their jobs. Joined as a set, a plan made while little was waiting read
-- everything that waits for each batch, and went on doing so while the line grew.
set local lock_timeout = '5s';

create or replace function public.mark_delivered(p_deliveries jsonb) returns void
language sql security definer set search_path = '' as $$
  with named as (
    select locked.job_id
    from (select job_id, delivery from jsonb_to_recordset(p_deliveries) as d (job_id uuid, delivery integer) order by job_id) d
    cross join lateral (
      select r.job_id from public.job_runs r
      where r.job_id = d.job_id and r.delivery = d.delivery and r.active and r.worker_id is null
      for no key update
    ) locked
  )
  update public.job_runs r set delivered_at = darkroom.now() where r.job_id = any (array(select job_id from named));
$$;

create or replace function public.mark_undelivered(p_deliveries jsonb) returns void
language sql security definer set search_path = '' as $$
  with named as (
    select locked.job_id
    from (select job_id, delivery from jsonb_to_recordset(p_deliveries) as d (job_id uuid, delivery integer) order by job_id) d
    cross join lateral (
      select r.job_id from public.job_runs r
      where r.job_id = d.job_id and r.delivery = d.delivery and r.active and r.worker_id is null
      for no key update
    ) locked
  )
  update public.job_runs r set delivered_at = null, offered_at = null where r.job_id = any (array(select job_id from named));
$$;
