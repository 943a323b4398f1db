-- Puts the job back, due in p_delay_ms: {kind: retried, delivery, priority, delay_ms}. Fails and refunds it at once
-- when that is not before its deadline: {kind: failed}. {kind: lost} when the claim was lost: nothing was written.
-- Safe to repeat.
create or replace function public.retry_job(
  p_job_id uuid, p_attempt integer, p_code text, p_cause text, p_delay_ms integer, p_counts boolean,
  p_calls jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_run public.job_runs;
  v_delay interval := greatest(p_delay_ms, 0) * interval '1 millisecond';
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  -- A repeat after a lost answer: this attempt has already been put back and nobody has claimed the job since.
  if v_job.managed and v_job.status = 'pending' and v_job.attempt = p_attempt then
    select * into v_run from public.job_runs where job_id = p_job_id;
    return jsonb_build_object('kind', 'retried', 'delivery', v_run.delivery,
      'priority', darkroom.delivery_priority(v_run.priority, v_job.created_at, v_run.run_at),
      'delay_ms', greatest(0, ceil(extract(epoch from v_run.run_at - darkroom.now()) * 1000)));
  end if;
  if v_job.managed and v_job.status = 'failed' and v_job.attempt = p_attempt then
    return jsonb_build_object('kind', 'failed');
  end if;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return jsonb_build_object('kind', 'lost');
  end if;
  if darkroom.now() + v_delay >= v_job.deadline_at then
    perform darkroom.end_job(v_job, 'failed', p_code, p_cause || '; the next try would be after the deadline', p_calls);
    return jsonb_build_object('kind', 'failed');
  end if;
  update public.job_runs
    set counted_retries = counted_retries + case when p_counts then 1 else 0 end,
        past_failures = past_failures || p_code, cause = left(p_cause, 2000)
    where job_id = p_job_id;
  return darkroom.put_back(v_job, v_delay, p_calls);
end
$$;

revoke all on function public.retry_job from public, anon, authenticated;
grant execute on function public.retry_job to service_role;
