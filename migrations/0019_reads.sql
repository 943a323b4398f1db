-- What the server reads, and the saved prompts it writes, as functions: so that it asks the database for nothing but
-- functions, over the Data API and over connections of its own alike.
set local lock_timeout = '5s';

create function darkroom.job_in_order(p_job public.image_generation_jobs) returns json
language sql stable set search_path = '' as $$
  select row_to_json(shown) from (
    select p_job.id, p_job.user_id, p_job.status, p_job.progress, p_job.stage, p_job.version, p_job.prompt,
      p_job.custom_prompt_id, p_job.input_image_key, p_job.output_image_url, p_job.thumbnail_url, p_job.width, p_job.height,
      p_job.mime_type, p_job.model_requested, p_job.model, p_job.aspect_ratio, p_job.image_size, p_job.attempt,
      p_job.error_code, p_job.error_message, p_job.receipt, p_job.metadata, p_job.retry_of, p_job.created_at,
      p_job.started_at, p_job.updated_at, p_job.completed_at, p_job.deadline_at
  ) shown;
$$;
comment on function darkroom.job_in_order(public.image_generation_jobs) is
  'The fields of a job as every channel shows it, in the order of the contract.';
revoke all on function darkroom.job_in_order(public.image_generation_jobs) from public, anon, authenticated;

create function public.get_job(p_job_id uuid, p_user_id text) returns json
language sql stable security definer set search_path = '' as $$
  select darkroom.job_in_order(j) from public.image_generation_jobs j where id = p_job_id and user_id = p_user_id;
$$;
comment on function public.get_job(uuid, text) is
  'This job of this user as every channel shows it; null for another''s and for one that is not there.';

-- A page begins after a row that was seen. Compared as a pair, in the order of the index, whatever is left out: one plan
-- serves all, and it reads no more rows than it returns.
create function public.list_jobs(
  p_user_id text,
  p_limit integer,
  p_status text default null,
  p_before timestamptz default null,
  p_before_id uuid default null
) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(darkroom.job_in_order(found.j)), '[]') from (
    select j from public.image_generation_jobs j
    where user_id = p_user_id and (p_status is null or status = p_status)
      and (created_at, id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    order by created_at desc, id desc limit p_limit
  ) found;
$$;
comment on function public.list_jobs(text, integer, text, timestamptz, uuid) is
  'At most p_limit jobs of this user, newest first, all or of one status, from after the one of p_before and p_before_id. A page cannot miss or repeat a row, whatever is made meanwhile.';

create function public.get_image(p_image_id uuid, p_user_id text) returns json
language sql stable security definer set search_path = '' as $$
  select row_to_json(found) from (
    select id, image_url, thumbnail_url, prompt, job_id, width, height, model, created_at, object_key, thumbnail_key
    from public.generated_images where id = p_image_id and user_id = p_user_id
  ) found;
$$;
comment on function public.get_image(uuid, text) is
  'This image of this user, with its keys in the store; null for another''s and for one that is not there.';

create function public.list_images(
  p_user_id text,
  p_limit integer,
  p_before timestamptz default null,
  p_before_id uuid default null
) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(found), '[]') from (
    select id, image_url, thumbnail_url, prompt, job_id, width, height, model, created_at
    from public.generated_images
    where user_id = p_user_id
      and (created_at, id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    order by created_at desc, id desc limit p_limit
  ) found;
$$;
comment on function public.list_images(text, integer, timestamptz, uuid) is
  'At most p_limit images of this user, newest first, paged as list_jobs is.';

create function darkroom.prompt_object(p_prompt public.custom_prompts) returns json
language sql stable set search_path = '' as $$
  select json_build_object('id', p_prompt.id, 'prompt_text', p_prompt.prompt_text, 'title', p_prompt.title,
    'thumbnail_url', p_prompt.thumbnail_url, 'secondary_image_url', p_prompt.secondary_image_url,
    'created_at', p_prompt.created_at);
$$;
comment on function darkroom.prompt_object(public.custom_prompts) is 'A saved prompt as its user sees it.';

create function public.get_prompt(p_prompt_id uuid, p_user_id text) returns json
language sql stable security definer set search_path = '' as $$
  select darkroom.prompt_object(p) from public.custom_prompts p where id = p_prompt_id and user_id = p_user_id;
$$;
comment on function public.get_prompt(uuid, text) is
  'This saved prompt of this user; null for another''s and for one that is not there.';

create function public.list_prompts(
  p_user_id text,
  p_limit integer,
  p_before timestamptz default null,
  p_before_id uuid default null
) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(found.prompt), '[]') from (
    select darkroom.prompt_object(p) as prompt
    from public.custom_prompts p
    where user_id = p_user_id
      and (created_at, id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    order by created_at desc, id desc limit p_limit
  ) found;
$$;
comment on function public.list_prompts(text, integer, timestamptz, uuid) is
  'At most p_limit saved prompts of this user, newest first, paged as list_jobs is.';

create function public.has_prompts(p_user_id text, p_count integer) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.custom_prompts where user_id = p_user_id
    order by created_at desc, id desc offset greatest(p_count, 1) - 1 limit 1);
$$;
comment on function public.has_prompts(text, integer) is
  'Whether this user has saved at least p_count prompts. Reads no more of them than that.';

create function public.save_prompt(p_prompt_id uuid, p_user_id text, p_fields jsonb) returns json
language plpgsql security definer set search_path = '' as $$
declare
  v_prompt public.custom_prompts;
begin
  insert into public.custom_prompts as p (id, user_id, prompt_text, title, thumbnail_url, secondary_image_url)
    values (p_prompt_id, p_user_id, p_fields ->> 'prompt_text', p_fields ->> 'title', p_fields ->> 'thumbnail_url',
      p_fields ->> 'secondary_image_url')
    on conflict (id) do update
      set prompt_text = excluded.prompt_text, title = excluded.title, thumbnail_url = excluded.thumbnail_url,
        secondary_image_url = excluded.secondary_image_url
      where p.user_id = excluded.user_id
    returning * into v_prompt;
  if not found then
    raise exception 'this id is that of another user''s prompt' using errcode = 'DR400';
  end if;
  return darkroom.prompt_object(v_prompt);
end
$$;
comment on function public.save_prompt(uuid, text, jsonb) is
  'Saves a prompt {prompt_text, title, thumbnail_url, secondary_image_url} under the caller''s own id; a repeat makes no second one, and no id reaches another user''s. Raises DR401 for a deleted user, DR400 for an id that another user''s prompt has.';

create function public.update_prompt(p_prompt_id uuid, p_user_id text, p_changes jsonb) returns json
language sql security definer set search_path = '' as $$
  update public.custom_prompts as p set
    prompt_text = case when p_changes ? 'prompt_text' then p_changes ->> 'prompt_text' else prompt_text end,
    title = case when p_changes ? 'title' then p_changes ->> 'title' else title end,
    thumbnail_url = case when p_changes ? 'thumbnail_url' then p_changes ->> 'thumbnail_url' else thumbnail_url end,
    secondary_image_url =
      case when p_changes ? 'secondary_image_url' then p_changes ->> 'secondary_image_url' else secondary_image_url end
    where id = p_prompt_id and user_id = p_user_id
    returning darkroom.prompt_object(p);
$$;
comment on function public.update_prompt(uuid, text, jsonb) is
  'Changes the named fields alone, and returns the prompt; null when this user has no such prompt. Safe to repeat.';

create function public.delete_prompt(p_prompt_id uuid, p_user_id text) returns boolean
language sql security definer set search_path = '' as $$
  with gone as (delete from public.custom_prompts where id = p_prompt_id and user_id = p_user_id returning id)
  select exists (select from gone);
$$;
comment on function public.delete_prompt(uuid, text) is
  'Removes a saved prompt; jobs that were made with it keep its text. False when this user has no such prompt.';

create function public.get_subscription(p_user_id text) returns json
language sql stable security definer set search_path = '' as $$
  select json_build_object('status', status, 'price_id', price_id, 'current_period_end', current_period_end)
    from public.subscriptions where user_id = p_user_id limit 1;
$$;
comment on function public.get_subscription(text) is 'This user''s subscription {status, price_id, current_period_end}, or null.';

create function public.list_ledger(p_user_id text, p_limit integer, p_before bigint default null) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(found), '[]') from (
    select id, job_id, kind, amount, balance_after, reference, reason, created_at
    from public.credit_ledger
    where user_id = p_user_id and id < coalesce(p_before, 9223372036854775807)
    order by id desc limit p_limit
  ) found;
$$;
comment on function public.list_ledger(text, integer, bigint) is
  'At most p_limit movements of this user''s credits, newest first, from after the one of p_before.';

create function public.list_deliveries(p_job_id uuid, p_user_id text) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(found), '[]') from (
    select id, type, url, status, attempts, next_attempt_at, last_status, last_error, created_at, delivered_at
    from public.webhook_deliveries where job_id = p_job_id and user_id = p_user_id
    order by created_at, id
  ) found;
$$;
comment on function public.list_deliveries(uuid, text) is
  'The webhooks of this job of this user, in the order their events happened.';

-- As before, and with the balance that an ending left: whoever waits for it is told of both.
create or replace function public.list_changes(p_jobs jsonb default '[]', p_users jsonb default '[]') returns jsonb
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
      where not exists (select from public.image_generation_jobs j where j.id = k.id)), '[]'),
    'balances', coalesce((select jsonb_object_agg(u.id, u.credits) from public.users u
      where u.id in (select (c.job).user_id from changed c where (c.job).completed_at is not null)), '{}'));
$$;
comment on function public.list_changes(jsonb, jsonb) is
  'All that whoever follows these jobs ([{id, version}]) and users ([{id, since, resumed_from}]) has not seen: {now, jobs, gone, balances}. Of a job: its row if it is newer than that version; of a user, apart from jobs that are named: what is unfinished, what was made since, and what ended since resumed_from if no run takes longer than a day; at most the latest 500 of each. A transaction counts from its beginning, so times are taken 15 s earlier than named: a job may come again, none is left out. gone are the named jobs that are no more; balances are the credits, {user_id: credits}, of those whose jobs have ended.';

create function public.ping_database() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  perform from public.workers limit 1;
  return true;
end
$$;
comment on function public.ping_database() is 'True, as soon as the database can read its tables and knows the server.';

-- Closed by name, because default privileges open every new function.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where (p.pronamespace = 'darkroom'::regnamespace and p.proname = 'prompt_object')
      or (p.pronamespace = 'public'::regnamespace and p.proname in (
        'get_job', 'list_jobs', 'get_image', 'list_images', 'get_prompt', 'list_prompts', 'has_prompts', 'save_prompt',
        'update_prompt', 'delete_prompt', 'get_subscription', 'list_ledger', 'list_deliveries',
        'ping_database'))
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end
$$;
