-- One pass over at most p_limit rows of each kind, oldest first, without waiting for a lock: ends and refunds jobs
-- past their deadline and jobs that have lost their worker 3 times, takes jobs from workers whose lease has lapsed,
-- and returns {due: [{job_id, delivery, priority, delay_ms}], overdue, crashed, lapsed}. What is due must be put in
-- the queue and confirmed with mark_delivered; otherwise it is due again in 10 s. Needs no leader.
create or replace function public.sweep(p_limit integer default 500) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_run public.job_runs;
  v_job public.image_generation_jobs;
  v_overdue uuid[];
  v_lapsed uuid[];
  v_crashed uuid[] := '{}';
  v_due jsonb;
begin
  -- Lock order: all jobs, without waiting, then users by id. Two sweeps cannot deadlock.
  select coalesce(array_agg(id), '{}') into v_overdue from (
    select id from public.image_generation_jobs
    where managed and status in ('pending', 'processing') and deadline_at <= v_now
    order by deadline_at limit least(p_limit, 100)
    for no key update skip locked
  ) locked;

  select coalesce(array_agg(job_id), '{}') into v_lapsed from (
    select r.job_id from public.job_runs r
    join public.workers w on w.id = r.worker_id
    join public.image_generation_jobs j on j.id = r.job_id
    where r.active and r.worker_id is not null and w.lease_expires_at <= v_now and r.job_id <> all (v_overdue)
    order by w.lease_expires_at limit p_limit
    for no key update of j, r skip locked for share of w skip locked
  ) locked;
  for v_run in select * from public.job_runs where job_id = any (v_lapsed) and worker_id is not null order by job_id loop
    if darkroom.lose_worker(v_run) >= 3 then
      v_crashed := v_crashed || v_run.job_id;
    end if;
  end loop;

  perform from public.users
    where id in (select user_id from public.image_generation_jobs where id = any (v_overdue || v_crashed))
    order by id for no key update;
  for v_job in select * from public.image_generation_jobs where id = any (v_overdue) order by id loop
    perform darkroom.end_job(v_job, 'failed', 'deadline_exceeded', 'deadline passed');
  end loop;
  for v_job in select * from public.image_generation_jobs where id = any (v_crashed) order by id loop
    perform darkroom.end_job(v_job, 'failed', 'worker_crashed', 'lost its worker 3 times');
  end loop;

  -- The API has two seconds to enqueue a delivery itself; a sweeper that took one over has ten.
  with due as (
    select job_id from public.job_runs
    where active and worker_id is null and delivered_at is null
      and run_at <= v_now - case when losses > 0 then interval '0' else interval '2 seconds' end
      and (offered_at is null or offered_at < v_now - interval '10 seconds')
    order by run_at limit p_limit
    for no key update skip locked
  ), offered as (
    update public.job_runs r set delivery = delivery + 1, offered_at = v_now
    from due where r.job_id = due.job_id
    returning r.job_id, r.delivery, r.priority, r.run_at,
      (select created_at from public.image_generation_jobs where id = r.job_id)
  )
  select coalesce(jsonb_agg(jsonb_build_object('job_id', job_id, 'delivery', delivery, 'delay_ms', 0,
      'priority', darkroom.delivery_priority(priority, created_at, v_now)) order by run_at), '[]')
    into v_due from offered;

  delete from public.idempotency_keys where (user_id, key) in (
    select user_id, key from public.idempotency_keys where created_at < v_now - interval '48 hours'
    order by created_at limit p_limit for update skip locked);
  delete from public.workers where id in (
    select id from public.workers w where lease_expires_at < v_now - interval '1 day'
      and not exists (select from public.job_runs r where r.worker_id = w.id and r.active)
    for update skip locked);

  return jsonb_build_object('due', v_due, 'overdue', cardinality(v_overdue), 'crashed', cardinality(v_crashed),
    'lapsed', cardinality(v_lapsed));
end
$$;

revoke all on function public.sweep from public, anon, authenticated;
grant execute on function public.sweep to service_role;
