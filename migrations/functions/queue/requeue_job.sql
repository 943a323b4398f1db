-- Makes a waiting job due now under a new delivery, to be put in the queue and confirmed with mark_delivered: {kind:
-- due, delivery, priority, delay_ms}; otherwise a sweep delivers it in 10 s. Moves no credits, counts no retry and
-- claims nothing. {kind: in_hand, worker_id, lease_ms}: a worker has it, nothing was written. Raises DR404 for
-- anything but a managed job, DR409 for an ended one. Safe to repeat.
create or replace function public.requeue_job(p_job_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_job public.image_generation_jobs;
  v_run public.job_runs;
  v_lease timestamptz;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not found or not v_job.managed then
    raise exception 'no such job' using errcode = 'DR404';
  end if;
  if v_job.status not in ('pending', 'processing') then
    raise exception 'the job has already ended: %', v_job.status using errcode = 'DR409',
      detail = jsonb_build_object('status', v_job.status)::text;
  end if;
  select * into v_run from public.job_runs where job_id = p_job_id for no key update;
  if v_run.worker_id is not null then
    select lease_expires_at into v_lease from public.workers where id = v_run.worker_id;
    return jsonb_build_object('kind', 'in_hand', 'worker_id', v_run.worker_id,
      'lease_ms', round(extract(epoch from v_lease - v_now) * 1000));
  end if;
  update public.job_runs
    set delivery = delivery + 1, run_at = least(run_at, v_now), delivered_at = null, offered_at = v_now
    where job_id = p_job_id returning * into v_run;
  return jsonb_build_object('kind', 'due', 'delivery', v_run.delivery, 'delay_ms', 0,
    'priority', darkroom.delivery_priority(v_run.priority, v_job.created_at, v_now));
end
$$;

revoke all on function public.requeue_job from public, anon, authenticated;
grant execute on function public.requeue_job to service_role;
