-- Sets the stage and a progress of 0 to 99, which never falls. False when the claim was lost: nothing was written. A
-- repeat changes nothing.
create or replace function public.report_progress(p_job_id uuid, p_attempt integer, p_stage text, p_progress integer) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return false;
  end if;
  update public.image_generation_jobs
    set stage = p_stage, progress = greatest(progress, least(p_progress, 99))
    where id = p_job_id and (stage is distinct from p_stage or progress < least(p_progress, 99));
  return true;
end
$$;

revoke all on function public.report_progress from public, anon, authenticated;
grant execute on function public.report_progress to service_role;
