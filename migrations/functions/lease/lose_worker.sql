-- Takes a locked run from a worker whose lease has lapsed and returns how often the job has lost its worker. Counted
-- only if another worker renewed its lease all the while: an outage of database or queue ends every lease and counts
-- against no job.
create or replace function darkroom.lose_worker(p_run public.job_runs) returns integer
language plpgsql set search_path = '' as $$
declare
  v_lost public.workers;
  v_losses integer;
begin
  select * into v_lost from public.workers where id = p_run.worker_id;
  update public.job_runs
    set worker_id = null, delivered_at = null, offered_at = null, run_at = least(run_at, darkroom.now()),
        losses = losses + case when v_lost.ended_at is null and exists (
          select from public.workers other
          where other.id <> v_lost.id and other.lease_expires_at > darkroom.now()
            and other.unbroken_since < v_lost.lease_expires_at
        ) then 1 else 0 end
    where job_id = p_run.job_id returning losses into v_losses;
  return v_losses;
end
$$;

revoke all on function darkroom.lose_worker from public, anon, authenticated;
