-- Locks the runs of these deliveries ([{job_id, delivery}]) that still wait, by id, and returns their jobs. A
-- delivery that a worker has claimed, or that a later one has replaced, is left out. Each is looked up by its job: a
-- join over the set, planned while little was waiting, would read every waiting run.
create or replace function darkroom.lock_waiting(p_deliveries jsonb) returns uuid[]
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

revoke all on function darkroom.lock_waiting from public, anon, authenticated;
