-- Creates the user at first sight, then one job, its debit, its key and its webhook, in one transaction; or returns
-- the job that the same key created (replayed: true) and changes nothing. Never two jobs for one key, never a debit
-- without a job, never a balance below 0. With cancel_after_ms in p_input the job is canceled and refunded once that
-- time has passed. p_webhook is {url, events}; without it a retry keeps the webhook of the job it repeats. Raises
-- DR401 deleted user, DR402 not enough credits, DR422 key reused, DR423 no such saved prompt, DR429 too many active
-- jobs, DR400 bad argument; then nothing is written.
-- Lock order: the user. The new job is invisible to others until the transaction commits.
create or replace function public.create_job(
  p_user_id text,
  p_input jsonb,
  p_price integer,
  p_idempotency_key text,
  p_request_hash text,
  p_email text default null,
  p_default_credits integer default 5,
  p_max_active_jobs integer default 10,
  p_deadline_ms integer default 600000,
  p_webhook jsonb default null
) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_balance integer;
  v_active integer;
  v_priority integer;
  v_prompt text := p_input ->> 'prompt';
  v_prompt_id uuid := (p_input ->> 'custom_prompt_id')::uuid;
  v_retry_of uuid := (p_input ->> 'retry_of')::uuid;
  v_cancel_after interval := (p_input ->> 'cancel_after_ms')::integer * interval '1 millisecond';
  v_job public.image_generation_jobs;
  v_replay jsonb;
begin
  if v_cancel_after <= interval '0' then
    raise exception 'cancel_after_ms must be more than 0, not %', p_input ->> 'cancel_after_ms' using errcode = 'DR400';
  end if;
  if p_price is null or p_price < 0 then
    raise exception 'p_price must be 0 or more, not %', p_price using errcode = 'DR400';
  end if;
  if coalesce(p_idempotency_key, '') = '' or coalesce(p_request_hash, '') = '' then
    raise exception 'p_idempotency_key and p_request_hash are needed: they make a repeat harmless' using errcode = 'DR400';
  end if;
  perform public.ensure_user(p_user_id, p_email, p_default_credits);
  select credits into v_balance from public.users where id = p_user_id for no key update;

  v_replay := public.replay_job(p_user_id, p_idempotency_key, p_request_hash);
  if v_replay is not null then
    return v_replay || (
      select jsonb_build_object('delivery', delivery,
        'priority', darkroom.delivery_priority(priority, (v_replay -> 'job' ->> 'created_at')::timestamptz, v_now))
      from public.job_runs where job_id = (v_replay -> 'job' ->> 'id')::uuid);
  end if;

  -- The order makes the planner use jobs_unfinished_of_user. A plan made while few jobs were unfinished could choose
  -- another partial index and go on reading everybody's when there are many.
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
    nullif(p_input -> 'metadata', 'null'), v_retry_of,
    jsonb_build_object('charged', p_price, 'refunded', 0, 'net', p_price),
    v_now, v_now, v_now + p_deadline_ms * interval '1 millisecond'
  ) returning * into v_job;

  v_priority := darkroom.starting_priority(v_active, darkroom.plan_weight(p_user_id));
  insert into public.job_runs (job_id, price, fallback, run_at, priority, cancel_at, traceparent)
    values (v_job.id, p_price, coalesce((p_input ->> 'fallback')::boolean, true), v_now, v_priority, v_now + v_cancel_after,
      darkroom.request_trace());
  if p_price > 0 then
    insert into public.credit_ledger (user_id, job_id, kind, amount, balance_after, reference)
      values (p_user_id, v_job.id, 'job_debit', -p_price, 0, 'job:' || v_job.id || ':debit');
  end if;
  if p_webhook is not null then
    insert into public.job_webhooks (job_id, url, events)
      values (v_job.id, p_webhook ->> 'url', array(select jsonb_array_elements_text(p_webhook -> 'events')));
  elsif v_retry_of is not null then
    insert into public.job_webhooks (job_id, url, events)
      select v_job.id, w.url, w.events
      from public.job_webhooks w
      join public.image_generation_jobs j on j.id = w.job_id and j.user_id = p_user_id
      where w.job_id = v_retry_of;
  end if;
  -- A key older than 48 hours may still exist.
  insert into public.idempotency_keys as k (user_id, key, request_hash, job_id, created_at)
    values (p_user_id, p_idempotency_key, p_request_hash, v_job.id, v_now)
    on conflict (user_id, key) do update
      set request_hash = excluded.request_hash, job_id = excluded.job_id, created_at = excluded.created_at;

  return jsonb_build_object('job', darkroom.job_object(v_job), 'balance', v_balance - p_price, 'charged', p_price,
    'replayed', false, 'delivery', 1, 'priority', v_priority);
end
$$;

revoke all on function public.create_job from public, anon, authenticated;
grant execute on function public.create_job to service_role;
