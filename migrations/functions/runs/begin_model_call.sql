-- Counts a call before it is sent, as if it were paid for, and returns its number; 0 when the job has used
-- p_max_calls, null when the claim was lost. A repeat after a lost answer counts the call twice; no call is missed.
create or replace function public.begin_model_call(p_job_id uuid, p_attempt integer, p_model text, p_max_calls integer) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_call integer;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return null;
  end if;
  update public.job_runs
    set model_calls = model_calls + 1,
        attempts_log = attempts_log || jsonb_build_object('call', jsonb_array_length(attempts_log) + 1,
          'attempt', p_attempt, 'model', p_model, 'code', null, 'ms', null)
    where job_id = p_job_id and model_calls < p_max_calls
    returning jsonb_array_length(attempts_log) into v_call;
  return coalesce(v_call, 0);
end
$$;

revoke all on function public.begin_model_call from public, anon, authenticated;
grant execute on function public.begin_model_call to service_role;
