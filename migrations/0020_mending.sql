-- What operators ask for that takes long or was missing: the rows of the audit, the refund that a job still owes, sums that
-- catch up after any pause, and the true age of a job that is delivered anew by hand.
set local lock_timeout = '5s';

create function public.audit_rows(p_limit integer default 1000) returns jsonb
language sql stable security definer set search_path = '' set statement_timeout = '60s' as $$
  select coalesce(jsonb_agg(to_jsonb(found)), '[]')
  from (select * from public.credit_audit limit greatest(p_limit, 0)) found;
$$;
comment on function public.audit_rows(integer) is
  'Rows of credit_audit, at most p_limit: [{scope, id, user_id, problem, expected, actual}]. Reads all that was ever booked, and may take a minute: the Data API grants a function the time that it asks for.';

create function public.settle_job(p_job_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_owed integer;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not found or not v_job.managed then
    raise exception 'no such job' using errcode = 'DR404';
  end if;
  if v_job.status not in ('failed', 'canceled') then
    raise exception 'only a job that failed or was canceled owes a refund, and this one is %', v_job.status
      using errcode = 'DR400', detail = jsonb_build_object('status', v_job.status)::text;
  end if;
  -- A balance is locked before the ledger is read, so that of two at once one finds the other's refund.
  perform from public.users where id = v_job.user_id for no key update;
  select coalesce(-sum(amount), 0) into v_owed from public.credit_ledger where job_id = p_job_id;
  if v_owed > 0 and exists (select from public.credit_ledger where job_id = p_job_id and kind = 'job_refund') then
    raise exception 'the job has a refund, which is % credits short: grant them', v_owed using errcode = 'DR400';
  end if;
  if v_owed > 0 then
    insert into public.credit_ledger (user_id, job_id, kind, amount, balance_after, reference, reason)
      values (v_job.user_id, p_job_id, 'job_refund', v_owed, 0, 'job:' || p_job_id || ':refund',
        coalesce(v_job.error_code, v_job.status));
  end if;
  update public.job_runs set active = false, worker_id = null, delivered_at = null where job_id = p_job_id and active;
  update public.image_generation_jobs j
    set receipt = jsonb_build_object('charged', booked.charged, 'refunded', booked.charged, 'net', 0)
    from (select coalesce(-sum(amount) filter (where kind = 'job_debit'), 0) as charged
      from public.credit_ledger where job_id = p_job_id) booked
    where j.id = p_job_id and v_owed >= 0 and (j.receipt ->> 'net')::bigint is distinct from 0;
  return jsonb_build_object('user_id', v_job.user_id, 'status', v_job.status, 'refunded', greatest(v_owed, 0),
    'balance', (select credits from public.users where id = v_job.user_id));
end
$$;
comment on function public.settle_job(uuid) is
  'Books the refund that a job which failed or was canceled still owes, if it owes one, and brings its receipt and its run in line: {user_id, status, refunded, balance}; refunded is 0 when all was settled. No job is refunded twice: the ledger holds one refund a job. Raises DR404 for an unknown job, DR400 for one that did not end so. Safe to repeat.';

create or replace function darkroom.advance_totals() returns void
language plpgsql set search_path = '' as $$
declare
  v_until timestamptz := date_trunc('hour', darkroom.now()) - interval '1 hour';
  v_from timestamptz;
begin
  select counted_until into v_from from darkroom.operator_state for update skip locked;
  if not found or v_from >= v_until then
    return;
  end if;
  if isfinite(v_from) then
    v_until := least(v_until, v_from + interval '1 day');
  end if;
  insert into darkroom.operator_totals as t (what, label, detail, count, credits)
    select what, label, detail, count, credits from darkroom.totals_between(v_from, v_until)
    on conflict (what, label, detail) do update
      set count = t.count + excluded.count, credits = t.credits + excluded.credits;
  update darkroom.operator_state set counted_until = v_until;
end
$$;
comment on function darkroom.advance_totals() is
  'Adds to the totals what is more than an hour old, at most a day of it: no transaction lasts as long, so nothing can still be added there. After a pause, when nobody asked, one call after the other catches up. Waits for nobody; one caller at a time does it.';

create or replace function darkroom.read_gauges() returns jsonb
language sql stable set search_path = '' as $$
  with clock as (
    select darkroom.now() as now
  ), up_to_date as (
    select counted_until from darkroom.operator_state where counted_until > darkroom.now() - interval '26 hours'
  ), totals as (
    select what, label, detail, sum(count) as count, sum(credits) as credits
    from (
      select t.what, t.label, t.detail, t.count, t.credits from up_to_date cross join darkroom.operator_totals t
      union all
      select t.what, t.label, t.detail, t.count, t.credits
        from up_to_date cross join lateral darkroom.totals_between(counted_until, 'infinity') t
    ) both_parts
    group by what, label, detail
  )
  select jsonb_build_object(
    'pending', (select count(*) from public.image_generation_jobs where managed and status = 'pending'),
    'processing', (select count(*) from public.image_generation_jobs where managed and status = 'processing'),
    'oldest_pending_s', (select greatest(0, extract(epoch from now - min(r.run_at)))
      from public.job_runs r where r.active and r.worker_id is null),
    'oldest_unfinished_s', (select greatest(0, extract(epoch from now - least(
      (select min(created_at) from public.image_generation_jobs where managed and status = 'pending'),
      (select min(created_at) from public.image_generation_jobs where managed and status = 'processing'))))),
    'overdue_s', (select greatest(0, extract(epoch from now - min(deadline_at)))
      from public.image_generation_jobs where managed and status in ('pending', 'processing')),
    'ended', (select coalesce(jsonb_agg(jsonb_build_array(label, detail, count) order by label, detail), '[]')
      from totals where what = 'ended'),
    'credits', (select coalesce(jsonb_agg(jsonb_build_array(label, detail, abs(credits)) order by label, detail), '[]')
      from totals where what = 'credits'),
    'refunds', (select coalesce(jsonb_agg(jsonb_build_array(label, count) order by label), '[]')
      from totals where what = 'refunds'),
    'unsettled_refunds', (select count(*)
      from public.image_generation_jobs j join public.job_runs r on r.job_id = j.id
      where j.managed and j.status in ('failed', 'canceled') and j.completed_at > now - interval '1 day' and r.price > 0
        and not exists (select from public.credit_ledger l where l.job_id = j.id and l.kind = 'job_refund')),
    'drift_credits', case when exists (select from up_to_date) then (select coalesce(sum(u.credits), 0) from public.users u)
      - (select coalesce(sum(credits), 0) from totals where what = 'credits') end,
    'webhook_lag_s', (select greatest(0, extract(epoch from now - least(
      (select min(next_attempt_at) from public.webhook_deliveries where status = 'pending' and attempts = 0),
      (select min(next_attempt_at) from public.webhook_deliveries where status = 'pending' and attempts > 0))))),
    'workers', (select count(*) from public.workers where ended_at is null and lease_expires_at > now))
  from clock;
$$;
comment on function darkroom.read_gauges() is
  'The state of the system at this moment. Its cost grows with what is unfinished, with the last hours, and with the number of users; never with the jobs that have ended before. While the totals are more than a day behind, what is made of them is left out: ended, credits and refunds are empty, drift_credits is null.';

create or replace function public.requeue_job(p_job_id uuid) returns jsonb
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

-- Closed by name, because default privileges open every new function.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::regnamespace and p.proname in ('audit_rows', 'settle_job')
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end
$$;
