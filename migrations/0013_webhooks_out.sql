-- Webhooks out: what a job's owner asked to be told, and every delivery of it. The rows are the queue: whoever sends
-- claims what is due under an attempt number, and an answer that names an older attempt changes nothing.
set local lock_timeout = '5s';

create table public.job_webhooks (
  job_id uuid primary key references public.image_generation_jobs (id) on delete cascade,
  url text not null check (url ~ '^https?://' and char_length(url) <= 2048),
  events text[] not null check (cardinality(events) > 0
    and events <@ array['job.processing', 'job.completed', 'job.failed', 'job.canceled'])
);
comment on table public.job_webhooks is
  'Where a job''s owner wants to be told what. Server-only: the address often holds a secret.';

create table public.webhook_deliveries (
  id uuid primary key default gen_random_uuid(),
  job_id uuid not null references public.image_generation_jobs (id) on delete cascade,
  user_id text not null,
  type text not null,
  url text not null,
  host text generated always as (coalesce(substring(url from '^https?://([^/?#]+)'), '')) stored,
  snapshot jsonb,
  status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
  attempts integer not null default 0,
  replayed_after integer not null default 0,
  next_attempt_at timestamptz,
  last_status integer,
  last_error text,
  created_at timestamptz not null,
  delivered_at timestamptz,
  unique (job_id, type),
  check ((status = 'pending') = (next_attempt_at is not null)),
  check ((status = 'delivered') = (delivered_at is not null))
);
create index webhook_deliveries_first on public.webhook_deliveries (next_attempt_at, host)
  where status = 'pending' and attempts = 0;
create index webhook_deliveries_again on public.webhook_deliveries (next_attempt_at, host)
  where status = 'pending' and attempts > 0;
create index webhook_deliveries_of_user on public.webhook_deliveries (user_id);
comment on table public.webhook_deliveries is
  'One row an event of a job, made in the transaction of the event. Server-only.';
comment on column public.webhook_deliveries.id is 'Also the webhook-id, the same at every attempt: receivers drop what they have seen.';
comment on column public.webhook_deliveries.host is 'Host and port: the receiver, as far as fairness goes.';
comment on column public.webhook_deliveries.snapshot is
  'The job as it was, where it goes on changing. Null for an ending: an ended job does not change and is sent from its row.';
comment on column public.webhook_deliveries.attempts is 'The fencing token: grows at every claim.';
comment on column public.webhook_deliveries.replayed_after is 'Attempts made before the latest replay; the schedule of retries begins anew after them.';
comment on column public.webhook_deliveries.next_attempt_at is
  'When it is due. A claim moves it 30 s on, so a delivery whose sender died is due again by itself.';

create function darkroom.note_event() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.webhook_deliveries (job_id, user_id, type, url, snapshot, next_attempt_at, created_at)
    select new.id, new.user_id, 'job.' || new.status, w.url,
      case when new.status = 'processing' then darkroom.job_object(new) end, darkroom.now(), darkroom.now()
    from public.job_webhooks w
    where w.job_id = new.id and 'job.' || new.status = any (w.events)
    on conflict (job_id, type) do nothing;
  return null;
end
$$;
comment on function darkroom.note_event() is
  'Every change of a managed job''s status that its owner wants to hear of becomes a delivery in the same transaction, whoever made the change; each kind of event once a job.';
create trigger note_event after update of status on public.image_generation_jobs
  for each row when (new.managed and new.status is distinct from old.status and new.status <> 'pending')
  execute function darkroom.note_event();

create function darkroom.keep_webhook() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.job_webhooks (job_id, url, events)
    select new.id, w.url, w.events
    from public.job_webhooks w
    join public.image_generation_jobs j on j.id = w.job_id and j.user_id = new.user_id
    where w.job_id = new.retry_of
    on conflict (job_id) do nothing;
  return null;
end
$$;
comment on function darkroom.keep_webhook() is 'A retry of a job tells the same receiver as the job itself did.';
create trigger keep_webhook after insert on public.image_generation_jobs
  for each row when (new.managed and new.retry_of is not null)
  execute function darkroom.keep_webhook();

create function darkroom.forget_webhooks() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.webhook_deliveries where user_id = new.user_id;
  delete from public.job_webhooks w using public.image_generation_jobs j
    where j.id = w.job_id and j.user_id = new.user_id;
  return null;
end
$$;
comment on function darkroom.forget_webhooks() is 'A deleted user''s addresses go with the user, and what was still to be sent to them.';
create trigger forget_webhooks after insert on darkroom.tombstones
  for each row execute function darkroom.forget_webhooks();

create function public.create_job_with_webhook(
  p_webhook jsonb,
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
  v_accepted jsonb := public.create_job(p_user_id, p_input, p_price, p_idempotency_key, p_request_hash, p_email,
    p_default_credits, p_max_active_jobs, p_deadline_ms);
begin
  if not (v_accepted ->> 'replayed')::boolean then
    insert into public.job_webhooks (job_id, url, events)
      select (v_accepted -> 'job' ->> 'id')::uuid, p_webhook ->> 'url', array(select jsonb_array_elements_text(p_webhook -> 'events'))
      on conflict (job_id) do update set url = excluded.url, events = excluded.events;
  end if;
  return v_accepted;
end
$$;
comment on function public.create_job_with_webhook(jsonb, text, jsonb, integer, text, text, text, integer, integer, integer) is
  'create_job, and in the same transaction where to tell of it: p_webhook is {url, events}. No event of the job can be missed. A replay changes nothing.';

create function public.claim_webhooks(p_limit integer, p_again integer, p_per_host integer, p_busy jsonb default '{}')
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_full text[] := array(select key from jsonb_each_text(p_busy) where value::integer >= p_per_host);
  v_claimed jsonb;
begin
  with due as (
    -- Two lines, so that new events do not wait behind the retries of receivers that are down.
    (select id, host, next_attempt_at, false as again from public.webhook_deliveries
      where status = 'pending' and attempts = 0 and next_attempt_at <= v_now and host <> all (v_full)
      order by next_attempt_at limit 500)
    union all
    (select id, host, next_attempt_at, true from public.webhook_deliveries
      where status = 'pending' and attempts > 0 and next_attempt_at <= v_now and host <> all (v_full)
      order by next_attempt_at limit 500)
  ), by_host as (
    select *, row_number() over (partition by host order by again, next_attempt_at)
      + coalesce((p_busy ->> host)::integer, 0) as at_host from due
  ), by_line as (
    select *, row_number() over (partition by again order by next_attempt_at) as in_line
    from by_host where at_host <= p_per_host
  ), chosen as (
    select id from by_line where not again or in_line <= p_again order by next_attempt_at limit p_limit
  ), locked as (
    select id from public.webhook_deliveries
    where id in (select id from chosen) and status = 'pending' and next_attempt_at <= v_now
    for no key update skip locked
  ), claimed as (
    update public.webhook_deliveries d set attempts = attempts + 1, next_attempt_at = v_now + interval '30 seconds'
    from locked where d.id = locked.id
    returning d.*
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'job_id', c.job_id, 'type', c.type, 'url', c.url, 'host', c.host,
      'attempt', c.attempts, 'tries', c.attempts - c.replayed_after, 'timestamp', c.created_at,
      'job', coalesce(c.snapshot, darkroom.job_object(j)))), '[]')
    into v_claimed
    from claimed c join public.image_generation_jobs j on j.id = c.job_id;
  return v_claimed;
end
$$;
comment on function public.claim_webhooks(integer, integer, integer, jsonb) is
  'Gives out at most p_limit deliveries that are due, oldest first: at most p_again that were tried before, and to no host more than p_per_host, those of p_busy ({host: number in hand}) included. Each comes under a new attempt and is nobody else''s for 30 s; unless settle_webhook says more by then, it is due again. Waits for no lock.';

create function public.settle_webhook(
  p_delivery_id uuid, p_attempt integer, p_result text, p_status integer, p_error text, p_delay_ms bigint default 0
) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if p_result not in ('delivered', 'retry', 'failed') then
    raise exception 'p_result must be delivered, retry or failed, not %', p_result using errcode = 'DR400';
  end if;
  update public.webhook_deliveries
    set status = case p_result when 'retry' then 'pending' else p_result end,
        next_attempt_at = case p_result when 'retry' then darkroom.now() + p_delay_ms * interval '1 millisecond' end,
        delivered_at = case p_result when 'delivered' then darkroom.now() end,
        last_status = p_status, last_error = left(p_error, 200)
    where id = p_delivery_id and attempts = p_attempt and status = 'pending';
  return found or exists (
    select from public.webhook_deliveries where id = p_delivery_id and attempts = p_attempt and status = p_result);
end
$$;
comment on function public.settle_webhook(uuid, integer, text, integer, text, bigint) is
  'Writes how an attempt went: delivered, failed (for good), or retry in p_delay_ms. False when a later attempt has begun: nothing was written. Safe to repeat.';

create function public.replay_delivery(p_delivery_id uuid default null, p_job_id uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_replayed jsonb;
begin
  with replayed as (
    update public.webhook_deliveries
      set status = 'pending', delivered_at = null, next_attempt_at = darkroom.now(), replayed_after = attempts
      where id = p_delivery_id or job_id = p_job_id
      returning id, job_id, type, host, attempts
  )
  select jsonb_agg(to_jsonb(replayed) order by type) into v_replayed from replayed;
  if v_replayed is null then
    raise exception 'no such delivery' using errcode = 'DR404';
  end if;
  return v_replayed;
end
$$;
comment on function public.replay_delivery(uuid, uuid) is
  'Makes a delivery, or all of a job, due now whatever became of it, with the whole schedule of retries before it and the same id. Returns [{id, job_id, type, host, attempts}]; raises DR404 when there is none.';

alter table public.job_webhooks enable row level security;
alter table public.webhook_deliveries enable row level security;
revoke all on public.job_webhooks, public.webhook_deliveries from public, anon, authenticated;

-- Closed by name, because default privileges open every new function.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where (p.pronamespace = 'darkroom'::regnamespace and p.proname in ('note_event', 'keep_webhook', 'forget_webhooks'))
      or (p.pronamespace = 'public'::regnamespace and p.proname in ('create_job_with_webhook', 'claim_webhooks',
        'settle_webhook', 'replay_delivery'))
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end
$$;
