-- The priority of a row stays what it was at the start: the age is taken off at each delivery, not off the row.
-- And a job that costs nothing needs no credits.
set local lock_timeout = '5s';

create function darkroom.priority_of(p_run public.job_runs, p_created_at timestamptz) returns integer
language sql immutable set search_path = '' as $$
  select greatest(1, p_run.priority - (extract(epoch from p_run.run_at - p_created_at) / 6)::integer);
$$;
comment on function darkroom.priority_of(public.job_runs, timestamptz) is
  'The priority of a delivery that is due at run_at: 10 off the row''s for each minute since the job was made.';

create or replace function darkroom.put_back(p_job public.image_generation_jobs, p_delay interval, p_calls jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_run public.job_runs;
begin
  update public.job_runs
    set worker_id = null, run_at = darkroom.now() + p_delay,
        model_calls = greatest(0, model_calls - darkroom.unpaid_calls(p_calls)), delivery = delivery + 1, delivered_at = null,
        offered_at = null, attempts_log = darkroom.merge_calls(attempts_log, p_calls)
    where job_id = p_job.id returning * into v_run;
  update public.image_generation_jobs set status = 'pending', stage = 'queued' where id = p_job.id;
  return jsonb_build_object('kind', 'retried', 'delivery', v_run.delivery, 'delay_ms', (extract(epoch from p_delay) * 1000)::integer,
    'priority', darkroom.priority_of(v_run, p_job.created_at));
end
$$;
comment on function darkroom.put_back(public.image_generation_jobs, interval, jsonb) is
  'Makes a claimed job pending again, due in p_delay, with a delivery of its own: {kind: retried, delivery, priority, delay_ms}. The caller holds the lock of the row.';

create or replace function public.retry_job(
  p_job_id uuid, p_attempt integer, p_code text, p_message text, p_cause text, p_delay_ms integer, p_counts boolean,
  p_calls jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_run public.job_runs;
  v_delay interval := greatest(p_delay_ms, 0) * interval '1 millisecond';
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  -- A repeat after a lost answer: this attempt has been put back already and nobody has claimed it since.
  if v_job.managed and v_job.status = 'pending' and v_job.attempt = p_attempt then
    select * into v_run from public.job_runs where job_id = p_job_id;
    return jsonb_build_object('kind', 'retried', 'delivery', v_run.delivery, 'priority', darkroom.priority_of(v_run, v_job.created_at),
      'delay_ms', greatest(0, ceil(extract(epoch from v_run.run_at - darkroom.now()) * 1000)));
  end if;
  if v_job.managed and v_job.status = 'failed' and v_job.attempt = p_attempt then
    return jsonb_build_object('kind', 'failed');
  end if;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return jsonb_build_object('kind', 'lost');
  end if;
  if darkroom.now() + v_delay >= v_job.deadline_at then
    perform darkroom.end_job(v_job, 'failed', p_code, p_message, p_cause || '; the next try would be after the deadline', p_calls);
    return jsonb_build_object('kind', 'failed');
  end if;
  update public.job_runs
    set counted_retries = counted_retries + case when p_counts then 1 else 0 end,
        past_failures = past_failures || p_code, cause = left(p_cause, 2000)
    where job_id = p_job_id;
  return darkroom.put_back(v_job, v_delay, p_calls);
end
$$;

create or replace function darkroom.create_job(
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

  -- Several indexes hold the unfinished jobs, and to a plan made while there are few all are alike; it would go on reading
  -- everybody's when there are many. The order is there in one of them alone, where the user's own lie together.
  select count(*) into v_active from (
    select from public.image_generation_jobs
    where user_id = p_user_id and managed and status in ('pending', 'processing') order by created_at
  ) active;
  if v_active >= p_max_active_jobs then
    raise exception 'too many active jobs' using errcode = 'DR429',
      detail = jsonb_build_object('active', v_active, 'limit', p_max_active_jobs)::text;
  end if;
  -- Live data may hold negative balances: they do not forbid what costs nothing.
  if p_price > 0 and v_balance < p_price then
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

revoke all on function darkroom.priority_of(public.job_runs, timestamptz) from public, anon, authenticated;
