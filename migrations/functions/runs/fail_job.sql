-- Fails and refunds the job in one transaction, once. False when the claim was lost: nothing was written. Safe to
-- repeat.
create or replace function public.fail_job(
  p_job_id uuid, p_attempt integer, p_code text, p_cause text default null, p_calls jsonb default null
) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if v_job.managed and v_job.status = 'failed' and v_job.attempt = p_attempt then
    return true;
  end if;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return false;
  end if;
  perform darkroom.end_job(v_job, 'failed', p_code, p_cause, p_calls);
  return true;
end
$$;

revoke all on function public.fail_job from public, anon, authenticated;
grant execute on function public.fail_job to service_role;
