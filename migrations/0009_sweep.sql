-- The reconciler's side: what is overdue, whose worker is gone, and what the queue was never told.
set local lock_timeout = '5s';

create function public.sweep(p_limit integer default 500) returns jsonb
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
  -- Jobs are locked without waiting and in full before any user is: two sweeps cannot block each other in a ring.
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
    perform darkroom.end_job(v_job, 'failed', 'deadline_exceeded', 'The image was not ready in time.', 'deadline passed', null);
  end loop;
  for v_job in select * from public.image_generation_jobs where id = any (v_crashed) order by id loop
    perform darkroom.end_job(v_job, 'failed', 'worker_crashed', 'The image could not be made.', 'lost its worker 3 times', null);
  end loop;

  -- The producer has two seconds to tell the queue itself; a sweeper that took a delivery upon itself has ten.
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
    returning r.job_id, r.delivery, r.priority, r.run_at
  )
  select coalesce(jsonb_agg(jsonb_build_object('job_id', job_id, 'delivery', delivery, 'delay_ms', 0,
      'priority', greatest(1, priority - (extract(epoch from v_now - run_at) / 6)::integer)) order by run_at), '[]')
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
comment on function public.sweep(integer) is
  'One pass over at most p_limit rows of each kind, oldest first, waiting for nobody: ends and refunds what is past its deadline or has lost its worker 3 times, takes jobs from workers whose lease is over, and returns {due: [{job_id, delivery, priority, delay_ms}], overdue, crashed, lapsed}. What is due must be put in the queue and confirmed with mark_delivered; else it is due again in 10 s. Needs no leader.';

create function public.mark_delivered(p_deliveries jsonb) returns void
language sql security definer set search_path = '' as $$
  with named as (
    select r.job_id from public.job_runs r
    join jsonb_to_recordset(p_deliveries) as d (job_id uuid, delivery integer) on d.job_id = r.job_id and d.delivery = r.delivery
    where r.active and r.worker_id is null
    order by r.job_id for no key update of r
  )
  update public.job_runs r set delivered_at = darkroom.now() from named where r.job_id = named.job_id;
$$;
comment on function public.mark_delivered(jsonb) is
  'Notes that the queue holds these deliveries ([{job_id, delivery}]). One that a worker has claimed, or that a later one has replaced, is left alone.';

create function public.mark_undelivered(p_deliveries jsonb) returns void
language sql security definer set search_path = '' as $$
  with named as (
    select r.job_id from public.job_runs r
    join jsonb_to_recordset(p_deliveries) as d (job_id uuid, delivery integer) on d.job_id = r.job_id and d.delivery = r.delivery
    where r.active and r.worker_id is null
    order by r.job_id for no key update of r
  )
  update public.job_runs r set delivered_at = null, offered_at = null from named where r.job_id = named.job_id;
$$;
comment on function public.mark_undelivered(jsonb) is 'Notes that the queue has not got these deliveries: the next sweep makes them anew.';

create function public.list_delivered(p_limit integer default 500) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('job_id', job_id, 'delivery', delivery)), '[]')
  from (
    select job_id, delivery from public.job_runs
    where active and worker_id is null and delivered_at < darkroom.now() - interval '1 minute'
    order by delivered_at limit p_limit
  ) longest_unseen;
$$;
comment on function public.list_delivered(integer) is
  'Deliveries the queue should hold that nobody has looked for within a minute, longest first. Confirming one sends it to the end of the line, so that every one gets its turn.';

create function public.adopt_queue_epoch(p_epoch text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_first boolean;
begin
  if (select epoch from darkroom.queue_epoch) = p_epoch then
    return false;
  end if;
  insert into darkroom.queue_epoch (epoch) values (p_epoch) on conflict do nothing;
  v_first := found;
  if not v_first then
    update darkroom.queue_epoch set epoch = p_epoch where epoch <> p_epoch;
    if not found then
      return false;
    end if;
  end if;
  with waiting as (
    select job_id from public.job_runs where active and worker_id is null and delivered_at is not null
    order by job_id for no key update
  )
  update public.job_runs r set delivered_at = null, offered_at = null from waiting where r.job_id = waiting.job_id;
  return not v_first;
end
$$;
comment on function public.adopt_queue_epoch(text) is
  'Compares the queue''s mark with the one last seen. A new one means that the queue was emptied: every waiting job is due for delivery again. True when an earlier mark was replaced. Safe to repeat and to race.';

create view public.credit_audit with (security_invoker = true) as
  with booked as (
    select user_id, sum(amount) as total from public.credit_ledger group by user_id
  ), per_job as (
    select job_id, sum(amount) as total, count(*) filter (where kind = 'job_debit') as debits
    from public.credit_ledger where job_id is not null group by job_id
  ), jobs as (
    select j.*, r.price, r.active, coalesce(p.total, 0) as total, coalesce(p.debits, 0) as debits,
      exists (select from public.generated_images i where i.job_id = j.id) as has_image
    from public.image_generation_jobs j
    left join public.job_runs r on r.job_id = j.id
    left join per_job p on p.job_id = j.id
    where j.managed
  )
  select 'user' as scope, coalesce(u.id, b.user_id) as id, coalesce(u.id, b.user_id) as user_id,
    'balance differs from the ledger' as problem, coalesce(b.total, 0)::text as expected, u.credits::text as actual
  from public.users u full join booked b on b.user_id = u.id
  where coalesce(u.credits, 0) <> coalesce(b.total, 0)
  union all
  select 'user', user_id, user_id, 'a movement took the balance below 0', '0', balance_after::text
  from public.credit_ledger where amount < 0 and balance_after < 0 and kind <> 'opening'
  union all
  select 'job', id::text, user_id, 'has no run', null, null from jobs where price is null
  union all
  select 'job', id::text, user_id, 'was not debited once', case when price > 0 then '1' else '0' end, debits::text
  from jobs where debits <> case when price > 0 then 1 else 0 end
  union all
  select 'job', id::text, user_id, 'an unfinished job does not net its price', (-price)::text, total::text
  from jobs where status in ('pending', 'processing') and total <> -price
  union all
  select 'job', id::text, user_id, 'a ' || status || ' job does not net 0', '0', total::text
  from jobs where status in ('failed', 'canceled') and total <> 0
  union all
  select 'job', id::text, user_id, 'a completed job costs nothing or more than its quote', (-price)::text, total::text
  from jobs where status = 'completed' and (total > 0 or total < -price)
  union all
  select 'job', id::text, user_id, 'the receipt differs from the ledger', (receipt ->> 'net'), (-total)::text
  from jobs where (receipt ->> 'net')::bigint <> -total
  union all
  select 'job', id::text, user_id, 'a ' || status || ' job shows an image', null, output_image_url
  from jobs where status in ('failed', 'canceled') and (has_image or output_image_url is not null)
  union all
  select 'job', id::text, user_id, 'a completed job has no image', null, null
  from jobs where status = 'completed' and output_image_url is null
  union all
  select 'job', id::text, user_id, 'its run is out of step', status, case when active then 'active' else 'ended' end
  from jobs where active <> (status in ('pending', 'processing'));
comment on view public.credit_audit is
  'One row for each user or managed job that breaks an invariant of money or of effect. Always empty.';

revoke all on public.credit_audit from public, anon, authenticated;

-- Closed by name, because default privileges open every new function.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'darkroom'::regnamespace
      or (p.pronamespace = 'public'::regnamespace and p.proname in ('heartbeat', 'end_worker', 'claim_job', 'report_progress',
        'begin_model_call', 'complete_job', 'fail_job', 'retry_job', 'release_job', 'cancel_job', 'sweep',
        'mark_delivered', 'mark_undelivered', 'list_delivered', 'adopt_queue_epoch'))
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end
$$;
grant execute on function darkroom.now(), darkroom.free_email(text, text), darkroom.is_deleted(text) to anon, authenticated;
