-- What operators ask of the database and do in it, without touching SQL: one report for the doctor, what a sweep would
-- do, and a delivery made anew.
set local lock_timeout = '5s';

create function public.requeue_job(p_job_id uuid) returns jsonb
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
  -- The row keeps since when the job could have run; this delivery is due now.
  v_run.run_at := v_now;
  return jsonb_build_object('kind', 'due', 'delivery', v_run.delivery, 'delay_ms', 0,
    'priority', darkroom.priority_of(v_run, v_job.created_at));
end
$$;
comment on function public.requeue_job(uuid) is
  'Makes a waiting job due now under a new delivery, to be put in the queue and confirmed with mark_delivered: {kind: due, delivery, priority, delay_ms}; if that does not happen, a sweep delivers it in 10 s. Moves no credits, counts no retry and claims nothing: whoever gets the delivery still has to claim the job. {kind: in_hand, worker_id, lease_ms}: a worker has it, nothing was written. Raises DR404 for what is no managed job, DR409 for an ended one. Safe to repeat.';

create function public.sweep_preview(p_limit integer default 500) returns jsonb
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
comment on function public.sweep_preview(integer) is
  'What cancel_due and sweep would do now, at most p_limit of each kind, oldest first: [{what: cancel | fail_overdue | fail_crashed | take_back | deliver, job_id, user_id, since}]. Writes nothing and locks nothing.';

create function public.operator_report(p_functions text[]) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'now', clock_timestamp(),
    'postgres', current_setting('server_version'),
    'migrations', (select coalesce(jsonb_agg(name order by id), '[]') from darkroom.migrations),
    'missing_functions', (
      select coalesce(jsonb_agg(wanted order by wanted), '[]') from unnest(p_functions) wanted
      where not exists (select from pg_catalog.pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname = wanted)),
    'closed_functions', (
      select coalesce(jsonb_agg(distinct p.proname::text), '[]') from pg_catalog.pg_proc p
      where p.pronamespace = 'public'::regnamespace and p.proname = any (p_functions)
        and not pg_catalog.has_function_privilege('service_role', p.oid, 'execute')),
    'open_functions', (
      select coalesce(jsonb_agg(distinct p.oid::regprocedure::text), '[]') from pg_catalog.pg_proc p
      where ((p.pronamespace = 'public'::regnamespace and p.proname = any (p_functions))
          or (p.pronamespace = 'darkroom'::regnamespace and p.proname not in ('now', 'free_email', 'is_deleted')))
        and (pg_catalog.has_function_privilege('anon', p.oid, 'execute')
          or pg_catalog.has_function_privilege('authenticated', p.oid, 'execute'))),
    'open_tables', (
      select coalesce(jsonb_agg(c.relname::text order by c.relname), '[]') from pg_catalog.pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity
        and (pg_catalog.has_table_privilege('anon', c.oid, 'select, insert, update, delete')
          or pg_catalog.has_table_privilege('authenticated', c.oid, 'select, insert, update, delete'))),
    'workers', (select count(*) from public.workers where ended_at is null and lease_expires_at > darkroom.now()),
    'waiting', (select count(*) from public.job_runs where active and worker_id is null),
    'running', (select count(*) from public.job_runs where active and worker_id is not null),
    'oldest_due_ms', (select round(extract(epoch from darkroom.now() - min(run_at)) * 1000) from public.job_runs
      where active and worker_id is null and run_at <= darkroom.now()),
    'unresolved_events', (select count(*) from public.webhook_events
      where outcome in ('unknown_user', 'unknown_price', 'deleted_user')));
end
$$;
comment on function public.operator_report(text[]) is
  'For the doctor: the time, the migrations that were applied, which of the named server functions are missing or closed to the server, which functions and tables stand open to anon or authenticated, workers with a live lease, the line, and payments that nobody was credited for. Changes nothing.';

-- Closed by name, because default privileges open every new function.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in ('requeue_job', 'sweep_preview', 'operator_report')
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end
$$;
