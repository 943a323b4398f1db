-- Outgoing webhooks and their deliveries. The rows are the queue: a sender claims what is due under an attempt number, and
-- an answer that names an older attempt changes nothing.

create table public.job_webhooks (
  job_id uuid primary key references public.image_generation_jobs (id) on delete cascade,
  url text not null check (url ~ '^https?://' and char_length(url) <= 2048),
  events text[] not null check (cardinality(events) > 0
    and events <@ array['job.processing', 'job.completed', 'job.failed', 'job.canceled'])
);
comment on table public.job_webhooks is
  'Where the events of a job are sent, and which. Server-only: the URL often holds a secret.';
alter table public.job_webhooks enable row level security;

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
  'One row an event of a job, written in the transaction of the event. Server-only.';
alter table public.webhook_deliveries enable row level security;
comment on column public.webhook_deliveries.id is 'Also the webhook-id, the same at every attempt: receivers drop repeats.';
comment on column public.webhook_deliveries.host is 'Host and port: the receiver that the limits apply to.';
comment on column public.webhook_deliveries.snapshot is
  'The job at the time of the event. Null for an ending: an ended job does not change and is sent from its row.';
comment on column public.webhook_deliveries.attempts is 'The fencing token: grows at every claim.';
comment on column public.webhook_deliveries.replayed_after is 'Attempts made before the latest replay; the schedule of retries starts again after them.';
comment on column public.webhook_deliveries.next_attempt_at is
  'When it is due. A claim moves it 30 s ahead, so a delivery whose sender died becomes due again.';
