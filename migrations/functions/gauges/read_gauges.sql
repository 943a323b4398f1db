-- The state of the deployment at this moment. Its cost grows with what is unfinished, with the last hours, and with
-- the number of users; never with the jobs that have ended before. While the totals are more than a day behind,
-- whatever needs them is left out: ended, credits and refunds are empty, drift_credits is null.
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

revoke all on function darkroom.read_gauges from public, anon, authenticated;
