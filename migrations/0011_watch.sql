-- What clients that follow a job are told: changes since a version, the place in the line, how the models fare.
-- And a time of their own after which they do not want the image any more.
set local lock_timeout = '5s';

alter table public.job_runs add column cancel_at timestamptz;
comment on column public.job_runs.cancel_at is 'When the client wants it canceled if it has not ended (Cancel-After).';

-- create_job itself stays as it is, one schema further in; what is public gains one field of p_input.
alter function public.create_job(text, jsonb, integer, text, text, text, integer, integer, integer) set schema darkroom;

create function public.create_job(
  p_user_id text,
  p_input jsonb,
  p_price integer,
  p_idempotency_key text,
  p_request_hash text,
  p_email text default null,
  p_default_credits integer default 5,
  p_max_active_jobs integer default 10,
  p_deadline_ms integer default 600000
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_cancel_after integer := (p_input ->> 'cancel_after_ms')::integer;
  v_accepted jsonb;
begin
  if v_cancel_after <= 0 then
    raise exception 'cancel_after_ms must be more than 0, not %', v_cancel_after using errcode = 'DR400';
  end if;
  v_accepted := darkroom.create_job(p_user_id, p_input, p_price, p_idempotency_key, p_request_hash, p_email,
    p_default_credits, p_max_active_jobs, p_deadline_ms);
  if v_cancel_after is not null and not (v_accepted ->> 'replayed')::boolean then
    update public.job_runs set cancel_at = darkroom.now() + v_cancel_after * interval '1 millisecond'
      where job_id = (v_accepted -> 'job' ->> 'id')::uuid;
  end if;
  return v_accepted;
end
$$;
comment on function public.create_job(text, jsonb, integer, text, text, text, integer, integer, integer) is
  'Makes the user at first sight, then one job, its debit and its key, in one transaction; or returns the job that the same key made (replayed). Never two jobs for one key, never a debit without a job, never a balance below 0. With cancel_after_ms in p_input the job is canceled and refunded once that time has passed; a replay does not move it. Raises DR401 deleted user, DR402 not enough credits, DR422 key reused, DR423 no such saved prompt, DR429 too many active jobs, DR400 bad argument; then nothing is written.';

create function public.cancel_due(p_limit integer default 500) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_due uuid[];
  v_job public.image_generation_jobs;
  v_ended jsonb := '[]';
begin
  -- In the order of the sweep: jobs without waiting and in full, then users.
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
    v_job := darkroom.end_job(v_job, 'canceled', 'canceled', 'Canceled.',
      'Cancel-After had passed', null);
    v_ended := v_ended || jsonb_build_object('job_id', v_job.id, 'user_id', v_job.user_id);
  end loop;
  return v_ended;
end
$$;
comment on function public.cancel_due(integer) is
  'Cancels and refunds what has not ended within the time its client gave it, oldest first, at most 100 a call, waiting for nobody: [{job_id, user_id}]. Whoever works on one can write nothing more. Safe to repeat and to race.';

create function public.list_changes(p_jobs jsonb default '[]', p_users jsonb default '[]') returns jsonb
language sql stable security definer set search_path = '' as $$
  -- A job that is not named was not there at the time named, or had ended: it was made by a transaction that ended
  -- later, and what ended it began later still.
  with known as materialized (
    select id, version from jsonb_to_recordset(p_jobs) as k (id uuid, version integer)
  ), followed as materialized (
    select id, since, resumed_from from jsonb_to_recordset(p_users) as u (id text, since timestamptz, resumed_from timestamptz)
  ), changed as (
    select j as job from known k
      join public.image_generation_jobs j on j.id = k.id
      where j.version > k.version
    union all
    select met.job from followed u
      cross join lateral (
        (select j as job, j.id from public.image_generation_jobs j
          where j.user_id = u.id and j.managed and j.status in ('pending', 'processing')
          order by j.created_at desc limit 500)
        union
        (select j, j.id from public.image_generation_jobs j
          where j.user_id = u.id and j.created_at >= u.since - interval '15 seconds'
            and (j.completed_at is null or j.completed_at >= u.since)
          order by j.created_at desc, j.id desc limit 500)
        union
        (select j, j.id from public.image_generation_jobs j
          where j.user_id = u.id and j.created_at >= u.resumed_from - interval '1 day'
            and j.completed_at >= u.resumed_from - interval '15 seconds'
          order by j.created_at desc, j.id desc limit 500)
      ) met
      where not exists (select from known k where k.id = met.id)
  )
  select jsonb_build_object(
    'now', darkroom.now(),
    'jobs', coalesce((select jsonb_agg(darkroom.job_object(c.job) order by (c.job).updated_at, (c.job).id) from changed c), '[]'),
    'gone', coalesce((select jsonb_agg(k.id) from known k
      where not exists (select from public.image_generation_jobs j where j.id = k.id)), '[]'));
$$;
comment on function public.list_changes(jsonb, jsonb) is
  'All that whoever follows these jobs ([{id, version}]) and users ([{id, since, resumed_from}]) has not seen: {now, jobs, gone}. Of a job: its row if it is newer than that version; of a user, apart from jobs that are named: what is unfinished, what was made since, and what ended since resumed_from if no run takes longer than a day; at most the latest 500 of each. A transaction counts from its beginning, so times are taken 15 s earlier than named: a job may come again, none is left out. gone are the named jobs that are no more.';

create function public.queue_snapshot() returns jsonb
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
comment on function public.queue_snapshot() is
  'The line as it is now, for estimates: marks [[place, priority, run_at in µs]], every place of the first 100, then every 10th, 100th and 1000th, of at most 100,000 rows that are due; how long those in hand have been running; median and mean time of the latest 50 runs of the last 10 minutes; how many ended within span_ms; and by priority how many that were made within span_ms have been taken since. One reading serves everyone who asks within a second.';

create function public.queue_place(p_job_id uuid) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('priority', priority, 'run_at_us', (extract(epoch from run_at) * 1000000)::bigint)
  from public.job_runs where job_id = p_job_id and active;
$$;
comment on function public.queue_place(uuid) is
  'What decides an unfinished job''s place in the line: {priority, run_at_us}; null for any other.';

create function public.model_health() returns jsonb
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
comment on function public.model_health() is
  'By model, from the calls of at most 500 jobs that ended within 10 minutes and those running: {median_ms of the calls that gave an image, latest: codes of the last three, newest first}. A model that was not called is not in it.';

create function public.job_input(p_job_id uuid, p_user_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('status', j.status, 'prompt', j.prompt,
    'custom_prompt_id', (select c.id from public.custom_prompts c
      where c.id = j.custom_prompt_id and c.user_id = j.user_id and c.prompt_text = j.prompt),
    'input_image_key', j.input_image_key, 'aspect_ratio', j.aspect_ratio, 'image_size', j.image_size,
    'model_requested', j.model_requested, 'fallback', r.fallback, 'metadata', j.metadata)
  from public.image_generation_jobs j join public.job_runs r on r.job_id = j.id
  where j.id = p_job_id and j.user_id = p_user_id and j.managed;
$$;
comment on function public.job_input(uuid, text) is
  'What this user''s managed job was asked to make, with its status; null for another''s. custom_prompt_id only while that prompt still says the same.';

-- Closed by name, because default privileges open every new function.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where (p.pronamespace = 'darkroom'::regnamespace and p.proname = 'create_job')
      or (p.pronamespace = 'public'::regnamespace and p.proname in ('create_job', 'cancel_due', 'list_changes',
        'queue_snapshot', 'queue_place', 'model_health', 'job_input'))
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end
$$;
