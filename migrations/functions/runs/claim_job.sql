-- Gives the job to this worker under a new attempt, if it is due and no live lease holds it: {kind: claimed, job,
-- attempt, …}. Else {kind: later, delay_ms} when it is not due yet, {kind: drop} when there is nothing to do. Ends a
-- job past its deadline, or one that lost its worker 3 times, with its refund. Raises DR403 when the worker's own
-- lease has lapsed. At most one worker holds a job at any time.
create or replace function public.claim_job(p_job_id uuid, p_worker_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_job public.image_generation_jobs;
  v_run public.job_runs;
  v_lease timestamptz;
begin
  if not exists (select from public.workers where id = p_worker_id and lease_expires_at > v_now) then
    raise exception 'this worker holds no lease: heartbeat first' using errcode = 'DR403';
  end if;
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not found or not v_job.managed or v_job.status not in ('pending', 'processing') then
    return jsonb_build_object('kind', 'drop');
  end if;
  if v_job.deadline_at <= v_now then
    perform darkroom.end_job(v_job, 'failed', 'deadline_exceeded', 'claimed after the deadline');
    return jsonb_build_object('kind', 'drop');
  end if;
  select * into v_run from public.job_runs where job_id = p_job_id;

  if v_run.worker_id = p_worker_id then
    return jsonb_build_object('kind', 'drop');
  end if;
  if v_run.worker_id is not null then
    -- A heartbeat of the holder runs entirely before or after this lock: what it kept is not taken, what it freed is read again.
    select lease_expires_at into v_lease from public.workers where id = v_run.worker_id for share;
    select * into v_run from public.job_runs where job_id = p_job_id;
  end if;
  if v_run.worker_id is not null then
    if v_lease > v_now then
      return jsonb_build_object('kind', 'drop');
    end if;
    if darkroom.lose_worker(v_run) >= 3 then
      perform darkroom.end_job(v_job, 'failed', 'worker_crashed', 'lost its worker 3 times');
      return jsonb_build_object('kind', 'drop');
    end if;
    select * into v_run from public.job_runs where job_id = p_job_id;
  end if;
  if v_run.run_at > v_now then
    return jsonb_build_object('kind', 'later', 'delay_ms', ceil(extract(epoch from v_run.run_at - v_now) * 1000));
  end if;
  -- Jobs that have lost two workers run one at a time in a process, so that only the job that crashes it is blamed.
  if v_run.losses > 1 then
    -- Serializes two claims of one worker.
    perform from public.workers where id = p_worker_id for no key update;
  end if;
  if v_run.losses > 1 and exists (
    select from public.job_runs where worker_id = p_worker_id and active and losses > 1
  ) then
    return jsonb_build_object('kind', 'later', 'delay_ms', 2000);
  end if;

  update public.job_runs
    set attempt = v_job.attempt + 1, worker_id = p_worker_id, claimed_at = v_now, delivered_at = null, offered_at = null
    where job_id = p_job_id returning * into v_run;
  update public.image_generation_jobs
    set status = 'processing', stage = 'starting', attempt = v_run.attempt,
        progress = greatest(progress, 1), started_at = coalesce(started_at, v_now)
    where id = p_job_id returning * into v_job;
  return jsonb_build_object('kind', 'claimed', 'job', darkroom.job_object(v_job), 'attempt', v_run.attempt,
    'fallback', v_run.fallback, 'price', v_run.price, 'counted_retries', v_run.counted_retries,
    'past_failures', to_jsonb(v_run.past_failures), 'model_calls', v_run.model_calls,
    'deadline_in_ms', floor(extract(epoch from v_job.deadline_at - v_now) * 1000));
end
$$;

revoke all on function public.claim_job from public, anon, authenticated;
grant execute on function public.claim_job to service_role;
