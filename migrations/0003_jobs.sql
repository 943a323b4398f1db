-- Managed jobs: columns added to the native app's tables, and how a job is run. Additive: nullable or defaulted, so the
-- native app's statements run as before.

alter table public.image_generation_jobs
  add column if not exists managed boolean not null default false,
  add column if not exists version integer not null default 1,
  add column if not exists stage text,
  add column if not exists prompt text,
  add column if not exists custom_prompt_id uuid,
  add column if not exists thumbnail_url text,
  add column if not exists width integer,
  add column if not exists height integer,
  add column if not exists mime_type text,
  add column if not exists model_requested text,
  add column if not exists model text,
  add column if not exists aspect_ratio text,
  add column if not exists image_size text,
  add column if not exists attempt integer not null default 0,
  add column if not exists error_code text,
  add column if not exists receipt jsonb,
  add column if not exists metadata jsonb,
  add column if not exists retry_of uuid,
  add column if not exists started_at timestamptz(6),
  add column if not exists deadline_at timestamptz(6);

comment on column public.image_generation_jobs.managed is
  'Created by create_job and run by the workers. Every other row belongs to the native app and is left alone.';
comment on column public.image_generation_jobs.version is
  'Grows with every change of the row: of two copies the one with the higher version is the later.';
comment on column public.image_generation_jobs.attempt is
  'The fencing token: grows at every claim; a write that names an older attempt changes nothing.';
comment on column public.image_generation_jobs.receipt is '{charged, refunded, net} in credits.';

-- The constraints bind managed rows only. Existing rows satisfy them: none is managed.
alter table public.image_generation_jobs
  add constraint managed_status check (
    not managed or status in ('pending', 'processing', 'completed', 'failed', 'canceled')) not valid,
  add constraint managed_stage check (
    not managed or stage in ('queued', 'starting', 'generating', 'storing', 'done')) not valid,
  add constraint managed_progress check (not managed or progress between 0 and 100) not valid,
  add constraint managed_times check (
    not managed or (deadline_at is not null and
      (completed_at is not null) = (status in ('completed', 'failed', 'canceled')))) not valid,
  add constraint managed_receipt check (not managed or receipt is not null) not valid,
  add constraint prompt_length check (char_length(prompt) <= 4000) not valid,
  add constraint metadata_size check (octet_length(metadata::text) <= 2560) not valid;

-- Realtime leaves out an unchanged column that is stored out of line: keep every column inline.
do $$
declare
  v_column text;
begin
  for v_column in
    select attname from pg_catalog.pg_attribute
    where attrelid = 'public.image_generation_jobs'::regclass and attnum > 0 and not attisdropped and attlen = -1
  loop
    execute format('alter table public.image_generation_jobs alter column %I set storage main', v_column);
  end loop;
end
$$;
alter table public.image_generation_jobs replica identity full;

alter table public.generated_images
  add column if not exists prompt text,
  add column if not exists job_id uuid,
  add column if not exists object_key text,
  add column if not exists thumbnail_key text,
  add column if not exists thumbnail_url text,
  add column if not exists sha256 text,
  add column if not exists width integer,
  add column if not exists height integer,
  add column if not exists model text;
comment on column public.generated_images.object_key is 'The stored object. Written only by the server; no object is deleted because a URL column names it.';

create table public.job_runs (
  job_id uuid primary key references public.image_generation_jobs (id) on delete cascade,
  active boolean not null default true,
  price integer not null check (price >= 0),
  fallback boolean not null default true,
  attempt integer not null default 0,
  worker_id uuid,
  claimed_at timestamptz,
  run_at timestamptz not null,
  delivery integer not null default 1,
  priority integer not null default 1,
  delivered_at timestamptz,
  offered_at timestamptz,
  losses integer not null default 0,
  counted_retries integer not null default 0,
  past_failures text[] not null default '{}',
  model_calls integer not null default 0,
  attempts_log jsonb not null default '[]',
  cause text,
  cancel_at timestamptz,
  traceparent text
);
comment on table public.job_runs is 'How a managed job is run. Server-only and unpublished; one row a job.';
comment on column public.job_runs.active is 'Not yet terminal.';
comment on column public.job_runs.worker_id is 'The worker that holds the job; its lease is the job''s lease.';
comment on column public.job_runs.run_at is 'Not before this time.';
comment on column public.job_runs.delivery is 'Number of the latest delivery to the queue; every delivery has an id of its own.';
comment on column public.job_runs.delivered_at is 'When the queue was last known to hold the latest delivery; null when it must be delivered.';
comment on column public.job_runs.offered_at is 'When a sweeper last took over its delivery.';
comment on column public.job_runs.losses is 'How often its worker was lost while others kept their leases.';
comment on column public.job_runs.counted_retries is 'Retries that count against MAX_ATTEMPTS. Not the attempt: released jobs and lost workers count nothing.';
comment on column public.job_runs.priority is 'As at the start. Each delivery takes the job''s age off it.';
comment on column public.job_runs.model_calls is 'Counted before each call is sent.';
comment on column public.job_runs.cancel_at is 'When the client wants it canceled if it has not ended (Cancel-After).';
comment on column public.job_runs.traceparent is 'The trace in which the job was created (W3C Trace Context), which every run joins; null when none was recorded.';
create index job_runs_undelivered on public.job_runs (run_at)
  where active and worker_id is null and delivered_at is null;
create index job_runs_delivered on public.job_runs (delivered_at)
  where active and worker_id is null and delivered_at is not null;
create index job_runs_due on public.job_runs (run_at)
  where active and worker_id is null;
create index job_runs_waiting on public.job_runs (priority, run_at, job_id)
  where active and worker_id is null;
create index job_runs_of_worker on public.job_runs (worker_id)
  where active and worker_id is not null;
create index job_runs_to_cancel on public.job_runs (cancel_at)
  where active and cancel_at is not null;
alter table public.job_runs enable row level security;

create table public.workers (
  id uuid primary key,
  started_at timestamptz not null,
  lease_expires_at timestamptz not null,
  unbroken_since timestamptz not null,
  ended_at timestamptz
);
comment on table public.workers is 'One lease a worker, renewed by one heartbeat, however many jobs it runs.';
comment on column public.workers.unbroken_since is 'Since when the lease was renewed each time before it lapsed.';
alter table public.workers enable row level security;

create table public.idempotency_keys (
  user_id text not null,
  key text not null check (char_length(key) between 1 and 255),
  request_hash text not null,
  job_id uuid not null references public.image_generation_jobs (id) on delete cascade,
  created_at timestamptz not null,
  primary key (user_id, key)
);
comment on table public.idempotency_keys is 'Accepted submissions by the client''s key, kept 48 hours.';
create index idempotency_keys_age on public.idempotency_keys (created_at);
alter table public.idempotency_keys enable row level security;

create table darkroom.queue_epoch (
  singleton boolean primary key default true check (singleton),
  epoch text not null
);
comment on table darkroom.queue_epoch is 'The mark last seen in the queue. A different mark means that the queue was emptied.';
