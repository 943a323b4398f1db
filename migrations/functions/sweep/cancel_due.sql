-- Cancels and refunds jobs that have not ended within the time their client gave them (Cancel-After), oldest first,
-- at most 100 a call, without waiting for a lock: [{job_id, user_id}]. Their workers can write nothing more. Safe to
-- repeat and to race.
create or replace function public.cancel_due(p_limit integer default 500) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_due uuid[];
  v_job public.image_generation_jobs;
  v_ended jsonb := '[]';
begin
  -- Lock order as in sweep: all jobs, without waiting, then users by id.
  select coalesce(array_agg(id), '{}') into v_due from (
    select j.id from public.job_runs r
    join public.image_generation_jobs j on j.id = r.job_id
    where r.active and r.cancel_at is not null and r.cancel_at <= v_now
      and j.managed and j.status in ('pending', 'processing')
    order by r.cancel_at limit least(p_limit, 100)
    for no key update of j skip locked
  ) locked;
  perform from public.users
    where id in (select user_id from public.image_generation_jobs where id = any (v_due))
    order by id for no key update;
  for v_job in select * from public.image_generation_jobs where id = any (v_due) order by id loop
    v_job := darkroom.end_job(v_job, 'canceled', 'canceled', 'Cancel-After had passed');
    v_ended := v_ended || jsonb_build_object('job_id', v_job.id, 'user_id', v_job.user_id);
  end loop;
  return v_ended;
end
$$;

revoke all on function public.cancel_due from public, anon, authenticated;
grant execute on function public.cancel_due to service_role;
