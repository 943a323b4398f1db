-- Renews the worker's lease for 30 s by the database's clock, and with it that of all its jobs, by one row. p_jobs is
-- [{job_id, attempt}], every job it runs: returns {lease_ms, lost: those it no longer holds}, and takes back the jobs
-- it holds without naming them. Touches no published row.
create or replace function public.heartbeat(p_worker_id uuid, p_jobs jsonb default '[]') returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_lease interval := interval '30 seconds';
  v_since timestamptz;
begin
  insert into public.workers as w (id, started_at, lease_expires_at, unbroken_since)
    values (p_worker_id, v_now, v_now + v_lease, v_now)
    on conflict (id) do update
      set unbroken_since = case when w.lease_expires_at < v_now then v_now else w.unbroken_since end,
          lease_expires_at = v_now + v_lease, ended_at = null
    returning unbroken_since into v_since;

  -- Jobs this worker holds without knowing: it gave up when its lease lapsed, or the answer to its claim was lost.
  with forgotten as (
    select r.job_id from public.job_runs r
    where r.active and r.worker_id = p_worker_id
      and (r.claimed_at < v_since or r.claimed_at < v_now - interval '10 seconds')
      and not exists (
        select from jsonb_to_recordset(p_jobs) as mine (job_id uuid, attempt integer)
        where mine.job_id = r.job_id and mine.attempt = r.attempt)
    order by r.job_id for no key update of r
  )
  update public.job_runs r
    set worker_id = null, delivered_at = null, offered_at = null, run_at = least(run_at, v_now)
    from forgotten where r.job_id = forgotten.job_id;

  return jsonb_build_object(
    'lease_ms', extract(epoch from v_lease) * 1000,
    'lost', coalesce((
      select jsonb_agg(jsonb_build_object('job_id', mine.job_id, 'attempt', mine.attempt))
      from jsonb_to_recordset(p_jobs) as mine (job_id uuid, attempt integer)
      where not exists (
        select from public.job_runs r
        where r.job_id = mine.job_id and r.active and r.worker_id = p_worker_id and r.attempt = mine.attempt)
    ), '[]'));
end
$$;

revoke all on function public.heartbeat from public, anon, authenticated;
grant execute on function public.heartbeat to service_role;
