-- By model, from the calls of at most 500 jobs that ended within 10 minutes and those running: {median_ms of the
-- calls that gave an image, latest: codes of the last three, newest first}. A model that was not called is not in it.
create or replace function public.model_health() returns jsonb
language sql stable security definer set search_path = '' as $$
  with recent as (
    select id, completed_at as at from (
      select id, completed_at from public.image_generation_jobs
      where managed and completed_at is not null and completed_at > darkroom.now() - interval '10 minutes'
      order by completed_at desc limit 500
    ) ended
    union all
    (select job_id, darkroom.now() from public.job_runs where active and worker_id is not null limit 500)
  ), calls as (
    select call ->> 'model' as model, call ->> 'code' as code, (call ->> 'ms')::numeric as ms,
      row_number() over (partition by call ->> 'model' order by recent.at desc, (call ->> 'call')::integer desc) as back
    from recent
    join public.job_runs r on r.job_id = recent.id
    cross join lateral jsonb_array_elements(r.attempts_log) call
    where call ->> 'code' is not null
  ), by_model as (
    select model,
      percentile_cont(0.5) within group (order by ms) filter (where code = 'ok') as median_ms,
      jsonb_agg(code order by back) filter (where back <= 3) as latest
    from calls group by model
  )
  select coalesce(jsonb_object_agg(model, jsonb_build_object('median_ms', round(median_ms), 'latest', latest)), '{}')
  from by_model;
$$;

revoke all on function public.model_health from public, anon, authenticated;
grant execute on function public.model_health to service_role;
