-- What a follower of these jobs ([{id, version}]) and users ([{id, since, resumed_from}]) has not seen: {now, jobs,
-- gone, balances}. For a named job: its row if it is newer than that version. For a user, without the named jobs: the
-- unfinished jobs, those created since, and those ended since resumed_from (runs longer than a day are missed); at most
-- the latest 500 of each. A row's time is the beginning of its transaction, so the function looks 15 s further back: a
-- job may come twice, none is missed. gone are named jobs that no longer exist; balances are the credits, {user_id:
-- credits}, of the users whose jobs have ended.
create or replace function public.list_changes(p_jobs jsonb default '[]', p_users jsonb default '[]') returns jsonb
language sql stable security definer set search_path = '' as $$
  -- A job that is not named did not exist at that time, or had ended: the transaction that created it committed
  -- later, and the one that ended it began later still.
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
      where not exists (select from public.image_generation_jobs j where j.id = k.id)), '[]'),
    'balances', coalesce((select jsonb_object_agg(u.id, u.credits) from public.users u
      where u.id in (select (c.job).user_id from changed c where (c.job).completed_at is not null)), '{}'));
$$;

revoke all on function public.list_changes from public, anon, authenticated;
grant execute on function public.list_changes to service_role;
