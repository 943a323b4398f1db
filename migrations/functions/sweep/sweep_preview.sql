-- What cancel_due and sweep would do now, at most p_limit of each kind, oldest first: [{what: cancel | fail_overdue |
-- fail_crashed | take_back | deliver, job_id, user_id, since}]. Writes nothing and locks nothing.
create or replace function public.sweep_preview(p_limit integer default 500) returns jsonb
language sql stable security definer set search_path = '' as $$
  with overdue as (
    select j.id, j.user_id, j.deadline_at as since from public.image_generation_jobs j
    where j.managed and j.status in ('pending', 'processing') and j.deadline_at <= darkroom.now()
    order by j.deadline_at limit p_limit
  ), unwanted as (
    select j.id, j.user_id, r.cancel_at as since from public.job_runs r
    join public.image_generation_jobs j on j.id = r.job_id
    where r.active and r.cancel_at is not null and r.cancel_at <= darkroom.now()
      and j.managed and j.status in ('pending', 'processing')
    order by r.cancel_at limit p_limit
  ), lapsed as (
    select j.id, j.user_id, w.lease_expires_at as since,
      r.losses >= 2 and w.ended_at is null and exists (
        select from public.workers other
        where other.id <> w.id and other.lease_expires_at > darkroom.now()
          and other.unbroken_since < w.lease_expires_at) as crashed
    from public.job_runs r
    join public.workers w on w.id = r.worker_id
    join public.image_generation_jobs j on j.id = r.job_id
    where r.active and w.lease_expires_at <= darkroom.now() and j.deadline_at > darkroom.now()
    order by w.lease_expires_at limit p_limit
  ), due as (
    select j.id, j.user_id, r.run_at as since from public.job_runs r
    join public.image_generation_jobs j on j.id = r.job_id
    where r.active and r.worker_id is null and r.delivered_at is null
      and r.run_at <= darkroom.now() - case when r.losses > 0 then interval '0' else interval '2 seconds' end
      and (r.offered_at is null or r.offered_at < darkroom.now() - interval '10 seconds')
      and j.deadline_at > darkroom.now()
    order by r.run_at limit p_limit
  ), all_of_it as (
    select 'cancel' as what, id, user_id, since from unwanted
    union all
    select 'fail_overdue', id, user_id, since from overdue where id not in (select id from unwanted)
    union all
    select case when crashed then 'fail_crashed' else 'take_back' end, id, user_id, since from lapsed
      where id not in (select id from unwanted)
    union all
    select 'deliver', id, user_id, since from due where id not in (select id from unwanted)
  )
  select coalesce(jsonb_agg(jsonb_build_object('what', what, 'job_id', id, 'user_id', user_id, 'since', since)
    order by since), '[]') from all_of_it;
$$;

revoke all on function public.sweep_preview from public, anon, authenticated;
grant execute on function public.sweep_preview to service_role;
