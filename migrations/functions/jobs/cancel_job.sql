-- Cancels and refunds a job at any stage in one transaction and returns it; its worker can write nothing more.
-- p_user_id null is the operator. Raises DR404 for another user's job, DR409 for an ended one.
create or replace function public.cancel_job(p_job_id uuid, p_user_id text default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not found or not v_job.managed or v_job.user_id <> coalesce(p_user_id, v_job.user_id) then
    raise exception 'no such job' using errcode = 'DR404';
  end if;
  if v_job.status not in ('pending', 'processing') then
    raise exception 'the job has already ended: %', v_job.status using errcode = 'DR409',
      detail = jsonb_build_object('status', v_job.status, 'job', darkroom.job_object(v_job))::text;
  end if;
  v_job := darkroom.end_job(v_job, 'canceled', 'canceled', 'canceled by ' || coalesce(p_user_id, 'operator'));
  return darkroom.job_object(v_job);
end
$$;

revoke all on function public.cancel_job from public, anon, authenticated;
grant execute on function public.cancel_job to service_role;
