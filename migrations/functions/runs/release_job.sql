-- Hands an unfinished job back, due at once: {kind: retried, delivery, priority, delay_ms}; no retry is counted. Null
-- when the claim was lost, or on a repeat: nothing was written.
create or replace function public.release_job(p_job_id uuid, p_attempt integer, p_calls jsonb default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return null;
  end if;
  return darkroom.put_back(v_job, interval '0', p_calls);
end
$$;

revoke all on function public.release_job from public, anon, authenticated;
grant execute on function public.release_job to service_role;
