-- The waiting jobs as they are now, for estimates: marks [[place, priority, run_at in µs]], every place of the first
-- 100, then every 10th, 100th and 1000th, of at most 100,000 rows that are due; how long those in hand have been
-- running; median and mean time of the latest 50 runs of the last 10 minutes; how many ended within span_ms; and by
-- priority how many that were created within span_ms have been taken since. One reading serves everyone who asks
-- within a second.
create or replace function public.queue_snapshot() returns jsonb
language sql stable security definer set search_path = '' as $$
  with line as (
    select row_number() over (order by priority, run_at, job_id) as place, priority, run_at
    from (
      select priority, run_at, job_id from public.job_runs
      where active and worker_id is null
      order by priority, run_at, job_id limit 100000
    ) first
    where run_at <= darkroom.now()
  ), marks as (
    select place, priority, run_at from line
    where place <= 100 or (place <= 1000 and place % 10 = 0) or (place <= 10000 and place % 100 = 0) or place % 1000 = 0
  ), running as (
    select r.priority, r.claimed_at, j.created_at from public.job_runs r
    join public.image_generation_jobs j on j.id = r.job_id
    where r.active and r.worker_id is not null
    limit 2000
  ), ended as (
    select j.id, j.created_at, j.started_at, j.completed_at, j.status from public.image_generation_jobs j
    where j.managed and j.completed_at is not null and j.completed_at > darkroom.now() - interval '10 minutes'
    order by j.completed_at desc limit 200
  ), span as (
    select case when count(*) < 200 then interval '1 minute'
      else least(interval '1 minute', greatest(interval '1 second', darkroom.now() - min(completed_at))) end as length
    from ended
  ), served as (
    select priority, created_at from running
    union all
    select r.priority, e.created_at from ended e join public.job_runs r on r.job_id = e.id, span
    where e.started_at is not null and e.completed_at > darkroom.now() - span.length
  ), times as (
    select percentile_cont(0.5) within group (order by ms) as median, avg(ms) as mean
    from (
      select extract(epoch from completed_at - started_at) * 1000 as ms from ended
      where started_at is not null and status in ('completed', 'failed')
      order by completed_at desc limit 50
    ) run
  )
  select jsonb_build_object(
    'now_us', (extract(epoch from darkroom.now()) * 1000000)::bigint,
    'workers', (select count(*) from public.workers where ended_at is null and lease_expires_at > darkroom.now()),
    'marks', coalesce((select jsonb_agg(jsonb_build_array(place, priority, (extract(epoch from run_at) * 1000000)::bigint)
      order by place) from marks), '[]'),
    'running_ms', coalesce((select jsonb_agg(greatest(0, round(extract(epoch from darkroom.now() - claimed_at) * 1000)))
      from running), '[]'),
    'median_ms', (select round(median) from times),
    'mean_ms', (select round(mean) from times),
    'span_ms', (select round(extract(epoch from length) * 1000) from span),
    'ended', (select count(*) from ended e, span where e.started_at is not null and e.completed_at > darkroom.now() - span.length),
    'overtaking', coalesce((
      select jsonb_agg(jsonb_build_array(priority, count) order by priority) from (
        select s.priority, count(*) from served s, span where s.created_at > darkroom.now() - span.length group by s.priority
      ) by_priority), '[]'));
$$;

revoke all on function public.queue_snapshot from public, anon, authenticated;
grant execute on function public.queue_snapshot to service_role;
