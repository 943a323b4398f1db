-- Submitting a job: key, debit and row commit together or not at all.
-- Lock order everywhere: jobs by id, then users by id. create_job makes a new row, so it starts with the user.
set local lock_timeout = '5s';

create function darkroom.job_object(p_job public.image_generation_jobs) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(p_job) - 'managed';
$$;
comment on function darkroom.job_object(public.image_generation_jobs) is 'The job as every channel shows it.';

create function darkroom.plan_weight(p_user_id text) returns integer
language sql stable set search_path = '' as $$
  select case when exists (
    select from public.subscriptions
    where user_id = p_user_id and lower(status) not in ('free', 'canceled', 'cancelled', 'unpaid', 'incomplete', 'incomplete_expired')
      and (current_period_end is null or current_period_end > darkroom.now())
  ) then 4 else 1 end;
$$;
comment on function darkroom.plan_weight(text) is 'How many jobs of this user count as one of a free user.';

create function darkroom.priority_of(p_active integer, p_weight integer, p_age interval) returns integer
language sql immutable set search_path = '' as $$
  select greatest(1, least(2000000,
    1 + (p_active * 100) / p_weight - (extract(epoch from p_age) / 6)::integer));
$$;
comment on function darkroom.priority_of(integer, integer, interval) is
  'BullMQ priority, 1 first: 100 for each active job of the user divided by the plan''s weight, 10 off for each minute of waiting.';

create function darkroom.replay(p_user_id text, p_key text, p_request_hash text) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  v_key public.idempotency_keys;
  v_job public.image_generation_jobs;
begin
  select * into v_key from public.idempotency_keys
    where user_id = p_user_id and key = p_key and created_at > darkroom.now() - interval '48 hours';
  if not found then
    return null;
  end if;
  if v_key.request_hash <> p_request_hash then
    raise exception 'this Idempotency-Key was used for another request' using errcode = 'DR422',
      detail = jsonb_build_object('job_id', v_key.job_id)::text;
  end if;
  select * into v_job from public.image_generation_jobs where id = v_key.job_id;
  return jsonb_build_object(
    'job', darkroom.job_object(v_job),
    'balance', (select credits from public.users where id = p_user_id),
    'charged', (v_job.receipt ->> 'charged')::integer,
    'replayed', true);
end
$$;

create function public.replay_job(p_user_id text, p_idempotency_key text, p_request_hash text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select darkroom.replay(p_user_id, p_idempotency_key, p_request_hash);
$$;
comment on function public.replay_job(text, text, text) is
  'The job that this user''s key made within 48 hours, as {job, balance, charged, replayed}, or null. Raises DR422 when the key came with another request.';

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
  v_now timestamptz := darkroom.now();
  v_balance integer;
  v_active integer;
  v_priority integer;
  v_prompt text := p_input ->> 'prompt';
  v_prompt_id uuid := (p_input ->> 'custom_prompt_id')::uuid;
  v_job public.image_generation_jobs;
  v_replay jsonb;
begin
  if p_price is null or p_price < 0 then
    raise exception 'p_price must be 0 or more, not %', p_price using errcode = 'DR400';
  end if;
  if coalesce(p_idempotency_key, '') = '' or coalesce(p_request_hash, '') = '' then
    raise exception 'p_idempotency_key and p_request_hash are needed: they make a repeat harmless' using errcode = 'DR400';
  end if;
  perform public.ensure_user(p_user_id, p_email, p_default_credits);
  select credits into v_balance from public.users where id = p_user_id for no key update;

  v_replay := darkroom.replay(p_user_id, p_idempotency_key, p_request_hash);
  if v_replay is not null then
    return v_replay || (select jsonb_build_object('delivery', delivery, 'priority', priority)
      from public.job_runs where job_id = (v_replay -> 'job' ->> 'id')::uuid);
  end if;

  select count(*) into v_active from public.image_generation_jobs
    where user_id = p_user_id and managed and status in ('pending', 'processing');
  if v_active >= p_max_active_jobs then
    raise exception 'too many active jobs' using errcode = 'DR429',
      detail = jsonb_build_object('active', v_active, 'limit', p_max_active_jobs)::text;
  end if;
  if v_balance < p_price then
    raise exception 'not enough credits' using errcode = 'DR402',
      detail = jsonb_build_object('balance', v_balance, 'price', p_price)::text;
  end if;
  if v_prompt_id is not null then
    select prompt_text into v_prompt from public.custom_prompts where id = v_prompt_id and user_id = p_user_id;
    if not found then
      raise exception 'no such saved prompt' using errcode = 'DR423';
    end if;
  end if;
  if coalesce(v_prompt, '') = '' or char_length(v_prompt) > 4000 then
    raise exception 'the prompt must have 1 to 4000 characters, not %', coalesce(char_length(v_prompt), 0)
      using errcode = 'DR400',
        detail = jsonb_build_object('path', case when v_prompt_id is null then 'prompt' else 'custom_prompt_id' end)::text;
  end if;

  insert into public.image_generation_jobs (
    user_id, managed, status, stage, progress, prompt, custom_prompt_id, input_image_key, aspect_ratio, image_size,
    model_requested, metadata, retry_of, receipt, created_at, updated_at, deadline_at
  ) values (
    p_user_id, true, 'pending', 'queued', 0, v_prompt, v_prompt_id, p_input ->> 'input_image_key',
    p_input ->> 'aspect_ratio', p_input ->> 'image_size', p_input ->> 'model_requested',
    nullif(p_input -> 'metadata', 'null'), (p_input ->> 'retry_of')::uuid,
    jsonb_build_object('charged', p_price, 'refunded', 0, 'net', p_price),
    v_now, v_now, v_now + p_deadline_ms * interval '1 millisecond'
  ) returning * into v_job;

  v_priority := darkroom.priority_of(v_active, darkroom.plan_weight(p_user_id), interval '0');
  insert into public.job_runs (job_id, price, fallback, run_at, priority)
    values (v_job.id, p_price, coalesce((p_input ->> 'fallback')::boolean, true), v_now, v_priority);
  if p_price > 0 then
    insert into public.credit_ledger (user_id, job_id, kind, amount, balance_after, reference)
      values (p_user_id, v_job.id, 'job_debit', -p_price, 0, 'job:' || v_job.id || ':debit');
  end if;
  -- A key older than 48 hours may still lie there.
  insert into public.idempotency_keys as k (user_id, key, request_hash, job_id, created_at)
    values (p_user_id, p_idempotency_key, p_request_hash, v_job.id, v_now)
    on conflict (user_id, key) do update
      set request_hash = excluded.request_hash, job_id = excluded.job_id, created_at = excluded.created_at;

  return jsonb_build_object('job', darkroom.job_object(v_job), 'balance', v_balance - p_price, 'charged', p_price,
    'replayed', false, 'delivery', 1, 'priority', v_priority);
end
$$;
comment on function public.create_job(text, jsonb, integer, text, text, text, integer, integer, integer) is
  'Makes the user at first sight, then one job, its debit and its key, in one transaction; or returns the job that the same key made (replayed). Never two jobs for one key, never a debit without a job, never a balance below 0. Raises DR401 deleted user, DR402 not enough credits, DR422 key reused, DR423 no such saved prompt, DR429 too many active jobs, DR400 bad argument; then nothing is written.';

revoke all on all functions in schema darkroom from public, anon, authenticated;
grant execute on function darkroom.now(), darkroom.free_email(text, text), darkroom.is_deleted(text)
  to anon, authenticated, service_role;
revoke all on function public.replay_job(text, text, text),
  public.create_job(text, jsonb, integer, text, text, text, integer, integer, integer)
  from public, anon, authenticated;
grant execute on function public.replay_job(text, text, text),
  public.create_job(text, jsonb, integer, text, text, text, integer, integer, integer)
  to service_role;
