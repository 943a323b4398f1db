-- What operators are shown: one reading of the whole system that stays cheap however many jobs lie in the table, and the
-- trace that a job belongs to.
set local lock_timeout = '5s';

create table darkroom.operator_totals (
  what text not null,
  label text not null,
  detail text not null,
  count bigint not null,
  credits bigint not null,
  primary key (what, label, detail)
);
comment on table darkroom.operator_totals is
  'Sums of what can no longer change, up to operator_state.counted_until: jobs that ended, movements of credits, refunds.';

create table darkroom.operator_state (
  singleton boolean primary key default true check (singleton),
  counted_until timestamptz not null default '-infinity',
  reading jsonb,
  read_at timestamptz,
  audit_problems integer,
  audited_at timestamptz,
  audit_taken_at timestamptz
);
comment on table darkroom.operator_state is 'The latest reading, kept ten seconds for everyone, and the latest audit.';
insert into darkroom.operator_state default values;

create function darkroom.totals_between(p_from timestamptz, p_until timestamptz)
returns table (what text, label text, detail text, count bigint, credits bigint)
language sql stable set search_path = '' as $$
  select 'ended', status, coalesce(error_code, 'none'), count(*), 0::bigint
    from public.image_generation_jobs
    where managed and completed_at is not null and completed_at >= p_from and completed_at < p_until
    group by 2, 3
  union all
  select 'credits', kind, case when amount > 0 then 'in' else 'out' end, count(*), sum(amount)
    from public.credit_ledger where created_at >= p_from and created_at < p_until
    group by 2, 3
  union all
  select 'refunds', coalesce(reason, 'none'), '', count(*), sum(amount)
    from public.credit_ledger where kind = 'job_refund' and created_at >= p_from and created_at < p_until
    group by 2;
$$;
comment on function darkroom.totals_between(timestamptz, timestamptz) is
  'How many jobs ended, by status and code, and what was booked, by kind and direction, from p_from until before p_until.';

create function darkroom.advance_totals() returns void
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

create function public.operator_gauges() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_state darkroom.operator_state;
  v_turn boolean;
  v_take_audit boolean;
begin
  select * into v_state from darkroom.operator_state;
  if v_state.read_at is null or v_state.read_at not between v_now - interval '10 seconds' and v_now then
    perform from darkroom.operator_state for update skip locked;
    v_turn := found;
    -- Of those who wait for the same reading one makes it, and the others are content with the last.
    if v_turn or v_state.reading is null then
      if v_turn then
        perform darkroom.advance_totals();
      end if;
      v_state.reading := darkroom.read_gauges();
      v_state.read_at := v_now;
    end if;
    if v_turn then
      select * into v_state.audited_at, v_state.audit_problems, v_state.audit_taken_at
        from (select audited_at, audit_problems, audit_taken_at from darkroom.operator_state) latest;
      v_take_audit := v_state.audit_taken_at is null or v_state.audit_taken_at < v_now - interval '15 minutes';
      update darkroom.operator_state
        set reading = v_state.reading, read_at = v_now,
            audit_taken_at = case when v_take_audit then v_now else audit_taken_at end;
    end if;
  end if;
  return v_state.reading || jsonb_build_object(
    'reading_age_s', greatest(0, extract(epoch from v_now - v_state.read_at)),
    'audit_problems', v_state.audit_problems,
    'audit_age_s', extract(epoch from v_now - v_state.audited_at),
    'audit_is_yours', coalesce(v_take_audit, false));
end
$$;

create function darkroom.read_gauges() returns jsonb
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
comment on function public.operator_gauges() is
  'The state of the system for operators: {pending, processing, oldest_pending_s, oldest_unfinished_s, overdue_s, ended [[status, code, n]], credits [[kind, in|out, credits]], refunds [[code, n]], unsettled_refunds (of the last day), drift_credits, webhook_lag_s, workers, reading_age_s, audit_problems, audit_age_s, audit_is_yours}. Counts only grow. Made anew every ten seconds at most, however many ask, by one of them. audit_is_yours: it falls to this caller to call operator_audit(), which happens every 15 minutes.';

create function public.operator_audit() returns integer
language plpgsql security definer set search_path = '' set statement_timeout = '60s' as $$
declare
  v_problems integer := (select count(*) from public.credit_audit);
begin
  update darkroom.operator_state set audit_problems = v_problems, audited_at = darkroom.now();
  return v_problems;
end
$$;
comment on function public.operator_audit() is
  'Counts the rows of credit_audit and keeps the number for operator_gauges. Reads all that was ever booked, and may take a minute: the Data API grants a function the time that it asks for.';

alter table public.job_runs add column traceparent text;
comment on column public.job_runs.traceparent is 'The trace in which the job was made (W3C Trace Context), so that every later run of it can join; null when none was recorded.';

create function darkroom.request_trace() returns text
language sql stable set search_path = '' as $$
  select substring(nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-darkroom-trace'
    from '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
$$;
comment on function darkroom.request_trace() is
  'The trace that the server''s request names in its header x-darkroom-trace; null without one, and for anything that is none.';
-- Apart from adding the column: no row that is there is rewritten.
alter table public.job_runs alter column traceparent set default darkroom.request_trace();

create function public.job_traces(p_jobs jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_object_agg(r.job_id, r.traceparent), '{}')
  from public.job_runs r
  where r.job_id in (select id::uuid from jsonb_array_elements_text(p_jobs) as named (id)) and r.traceparent is not null;
$$;
comment on function public.job_traces(jsonb) is 'By job id, of these jobs ([id]): the trace each was made in. Those without one are left out.';

alter table darkroom.operator_totals enable row level security;
alter table darkroom.operator_state enable row level security;
revoke all on darkroom.operator_totals, darkroom.operator_state from public, anon, authenticated;

-- Closed by name, because default privileges open every new function.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where (p.pronamespace = 'darkroom'::regnamespace
        and p.proname in ('totals_between', 'advance_totals', 'read_gauges', 'request_trace'))
      or (p.pronamespace = 'public'::regnamespace and p.proname in ('operator_gauges', 'operator_audit', 'job_traces'))
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end
$$;
