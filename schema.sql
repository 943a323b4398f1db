-- The tables of an empty database after all of migrations/, for people to read: nothing runs this file.
-- Written by `npm run schema`, compared by the tests. Functions and views are in migrations/functions.


create table public.credit_ledger (
  id bigint not null generated always as identity,
  user_id text not null,
  job_id uuid,
  kind text not null,
  amount integer not null,
  balance_after integer not null,
  reference text not null,
  reason text,
  created_at timestamp with time zone not null default darkroom.now(),
  constraint credit_ledger_pkey PRIMARY KEY (id),
  constraint credit_ledger_job_id_kind_key UNIQUE (job_id, kind),
  constraint credit_ledger_reference_key UNIQUE (reference),
  constraint credit_ledger_amount_check CHECK ((amount <> 0)),
  constraint credit_ledger_check CHECK (((kind = ANY (ARRAY['job_debit'::text, 'job_refund'::text, 'price_difference'::text])) = (job_id IS NOT NULL))),
  constraint credit_ledger_check1 CHECK (((kind <> 'job_debit'::text) OR (amount < 0))),
  constraint credit_ledger_check2 CHECK (((kind <> ALL (ARRAY['job_refund'::text, 'price_difference'::text, 'grant'::text, 'purchase'::text, 'signup'::text])) OR (amount > 0))),
  constraint credit_ledger_kind_check CHECK ((kind = ANY (ARRAY['opening'::text, 'signup'::text, 'job_debit'::text, 'job_refund'::text, 'price_difference'::text, 'grant'::text, 'purchase'::text, 'adjustment'::text, 'native_app'::text])))
);
comment on table public.credit_ledger is 'Every movement of credits. For each user credits = sum(amount). A job has one debit and at most one refund.';
comment on column public.credit_ledger.reference is 'Names the cause uniquely: the same cause cannot be booked twice.';

CREATE INDEX credit_ledger_age ON public.credit_ledger USING btree (created_at);
CREATE INDEX credit_ledger_of_user ON public.credit_ledger USING btree (user_id, id DESC);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.credit_ledger FOR EACH ROW EXECUTE FUNCTION darkroom.refuse_ledger_change();
CREATE TRIGGER move_balance AFTER INSERT ON public.credit_ledger FOR EACH ROW EXECUTE FUNCTION darkroom.move_balance();
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.credit_ledger FOR EACH STATEMENT EXECUTE FUNCTION darkroom.refuse_ledger_change();
CREATE TRIGGER take_balance BEFORE INSERT ON public.credit_ledger FOR EACH ROW EXECUTE FUNCTION darkroom.take_balance();

alter table public.credit_ledger enable row level security;
create policy darkroom_own on public.credit_ledger for select to authenticated
  using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))));

grant select on public.credit_ledger to authenticated;
grant references, select, trigger on public.credit_ledger to service_role;


create table public.custom_prompts (
  id uuid not null default gen_random_uuid(),
  user_id text not null,
  prompt_text text not null,
  title text,
  thumbnail_url text,
  secondary_image_url text,
  created_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP,
  constraint custom_prompts_pkey PRIMARY KEY (id)
);

CREATE INDEX custom_prompts_of_user ON public.custom_prompts USING btree (user_id, created_at DESC, id DESC);
CREATE INDEX custom_prompts_secondary ON public.custom_prompts USING hash ("substring"(secondary_image_url, '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)'::text));
CREATE INDEX custom_prompts_thumbnail ON public.custom_prompts USING hash ("substring"(thumbnail_url, '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)'::text));
CREATE INDEX custom_prompts_user_id_idx ON public.custom_prompts USING btree (user_id);

CREATE TRIGGER guard_deleted BEFORE INSERT ON public.custom_prompts FOR EACH ROW EXECUTE FUNCTION darkroom.guard_deleted();

alter table public.custom_prompts enable row level security;
create policy darkroom_own on public.custom_prompts for all to authenticated
  using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
  with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))));
create policy darkroom_own_only on public.custom_prompts as restrictive for all to anon, authenticated
  using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
  with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))));

grant delete, insert, select, update on public.custom_prompts to anon;
grant delete, insert, select, update on public.custom_prompts to authenticated;
grant delete, insert, references, select, trigger, truncate, update on public.custom_prompts to service_role;


create table public.generated_images (
  id uuid not null default gen_random_uuid(),
  user_id text not null,
  image_url text not null,
  created_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP,
  prompt text,
  job_id uuid,
  object_key text,
  thumbnail_key text,
  thumbnail_url text,
  sha256 text,
  width integer,
  height integer,
  model text,
  constraint generated_images_pkey PRIMARY KEY (id),
  constraint generated_images_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE RESTRICT
);
comment on column public.generated_images.object_key is 'The stored object. Written only by the server; no object is deleted because a URL column names it.';

CREATE INDEX generated_images_object_key ON public.generated_images USING btree (object_key) WHERE (object_key IS NOT NULL);
CREATE INDEX generated_images_of_user ON public.generated_images USING btree (user_id, created_at DESC, id DESC);
CREATE INDEX generated_images_thumbnail_key ON public.generated_images USING btree (thumbnail_key) WHERE (thumbnail_key IS NOT NULL);
CREATE INDEX generated_images_url ON public.generated_images USING hash ("substring"(image_url, '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)'::text));
CREATE INDEX idx_generated_images_user_id ON public.generated_images USING btree (user_id);
CREATE UNIQUE INDEX generated_images_job_id_key ON public.generated_images USING btree (job_id);

CREATE TRIGGER guard_deleted BEFORE INSERT ON public.generated_images FOR EACH ROW WHEN ((new.job_id IS NULL)) EXECUTE FUNCTION darkroom.guard_deleted();

alter table public.generated_images enable row level security;
create policy darkroom_own on public.generated_images for all to authenticated
  using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
  with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))));
create policy darkroom_own_only on public.generated_images as restrictive for all to anon, authenticated
  using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
  with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))));

grant delete, select on public.generated_images to anon;
grant delete, select on public.generated_images to authenticated;
grant insert (id, user_id, image_url, created_at, prompt) on public.generated_images to authenticated;
grant update (id, user_id, image_url, created_at, prompt) on public.generated_images to authenticated;
grant delete, insert, references, select, trigger, truncate, update on public.generated_images to service_role;


create table public.idempotency_keys (
  user_id text not null,
  key text not null,
  request_hash text not null,
  job_id uuid not null,
  created_at timestamp with time zone not null,
  constraint idempotency_keys_pkey PRIMARY KEY (user_id, key),
  constraint idempotency_keys_job_id_fkey FOREIGN KEY (job_id) REFERENCES image_generation_jobs(id) ON DELETE CASCADE,
  constraint idempotency_keys_key_check CHECK (((char_length(key) >= 1) AND (char_length(key) <= 255)))
);
comment on table public.idempotency_keys is 'Accepted submissions by the client''s key, kept 48 hours.';

CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (created_at);

alter table public.idempotency_keys enable row level security;

grant delete, insert, references, select, trigger, truncate, update on public.idempotency_keys to service_role;


create table public.image_generation_jobs (
  id uuid not null default gen_random_uuid(),
  user_id text storage main not null,
  status text storage main not null default 'pending'::text,
  progress integer not null default 0,
  input_image_key text storage main,
  output_image_url text storage main,
  error_message text storage main,
  created_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP,
  updated_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP,
  completed_at timestamp(6) with time zone,
  managed boolean not null default false,
  version integer not null default 1,
  stage text storage main,
  prompt text storage main,
  custom_prompt_id uuid,
  thumbnail_url text storage main,
  width integer,
  height integer,
  mime_type text storage main,
  model_requested text storage main,
  model text storage main,
  aspect_ratio text storage main,
  image_size text storage main,
  attempt integer not null default 0,
  error_code text storage main,
  receipt jsonb storage main,
  metadata jsonb storage main,
  retry_of uuid,
  started_at timestamp(6) with time zone,
  deadline_at timestamp(6) with time zone,
  constraint image_generation_jobs_pkey PRIMARY KEY (id),
  constraint image_generation_jobs_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE RESTRICT,
  constraint managed_progress CHECK (((NOT managed) OR ((progress >= 0) AND (progress <= 100)))),
  constraint managed_receipt CHECK (((NOT managed) OR (receipt IS NOT NULL))),
  constraint managed_stage CHECK (((NOT managed) OR (stage = ANY (ARRAY['queued'::text, 'starting'::text, 'generating'::text, 'storing'::text, 'done'::text])))),
  constraint managed_status CHECK (((NOT managed) OR (status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'canceled'::text])))),
  constraint managed_times CHECK (((NOT managed) OR ((deadline_at IS NOT NULL) AND ((completed_at IS NOT NULL) = (status = ANY (ARRAY['completed'::text, 'failed'::text, 'canceled'::text])))))),
  constraint metadata_size CHECK ((octet_length((metadata)::text) <= 2560)) NOT VALID,
  constraint prompt_length CHECK ((char_length(prompt) <= 4000)) NOT VALID
);
alter table public.image_generation_jobs replica identity full;
comment on column public.image_generation_jobs.managed is 'Created by create_job and run by the workers. Every other row belongs to the native app and is left alone.';
comment on column public.image_generation_jobs.version is 'Grows with every change of the row: of two copies the one with the higher version is the later.';
comment on column public.image_generation_jobs.attempt is 'The fencing token: grows at every claim; a write that names an older attempt changes nothing.';
comment on column public.image_generation_jobs.receipt is '{charged, refunded, net} in credits.';

CREATE INDEX idx_image_jobs_created_at ON public.image_generation_jobs USING btree (created_at);
CREATE INDEX idx_image_jobs_status ON public.image_generation_jobs USING btree (status);
CREATE INDEX idx_image_jobs_user_id ON public.image_generation_jobs USING btree (user_id);
CREATE INDEX jobs_ended ON public.image_generation_jobs USING btree (completed_at DESC) WHERE (managed AND (completed_at IS NOT NULL));
CREATE INDEX jobs_ended_without_image ON public.image_generation_jobs USING btree (completed_at) WHERE (managed AND (status = ANY (ARRAY['failed'::text, 'canceled'::text])));
CREATE INDEX jobs_input ON public.image_generation_jobs USING hash (input_image_key);
CREATE INDEX jobs_of_user ON public.image_generation_jobs USING btree (user_id, created_at DESC, id DESC);
CREATE INDEX jobs_overdue ON public.image_generation_jobs USING btree (deadline_at) WHERE (managed AND (status = ANY (ARRAY['pending'::text, 'processing'::text])));
CREATE INDEX jobs_unfinished ON public.image_generation_jobs USING btree (status, created_at) WHERE (managed AND (status = ANY (ARRAY['pending'::text, 'processing'::text])));
CREATE INDEX jobs_unfinished_of_user ON public.image_generation_jobs USING btree (user_id, created_at) WHERE (managed AND (status = ANY (ARRAY['pending'::text, 'processing'::text])));
CREATE INDEX jobs_unmanaged_output ON public.image_generation_jobs USING hash ("substring"(output_image_url, '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)'::text)) WHERE (NOT managed);

CREATE TRIGGER broadcast_job AFTER UPDATE ON public.image_generation_jobs FOR EACH ROW WHEN ((new.managed AND (new.version IS DISTINCT FROM old.version))) EXECUTE FUNCTION darkroom.broadcast_job();
CREATE TRIGGER broadcast_new_job AFTER INSERT ON public.image_generation_jobs FOR EACH ROW WHEN (new.managed) EXECUTE FUNCTION darkroom.broadcast_job();
CREATE TRIGGER create_delivery AFTER UPDATE OF status ON public.image_generation_jobs FOR EACH ROW WHEN ((new.managed AND (new.status IS DISTINCT FROM old.status) AND (new.status <> 'pending'::text))) EXECUTE FUNCTION darkroom.create_delivery();
CREATE TRIGGER guard_deleted BEFORE INSERT ON public.image_generation_jobs FOR EACH ROW EXECUTE FUNCTION darkroom.guard_deleted();
CREATE TRIGGER guard_job BEFORE INSERT OR DELETE OR UPDATE ON public.image_generation_jobs FOR EACH ROW EXECUTE FUNCTION darkroom.guard_job();
CREATE TRIGGER touch_job BEFORE UPDATE ON public.image_generation_jobs FOR EACH ROW EXECUTE FUNCTION darkroom.touch_job();

alter table public.image_generation_jobs enable row level security;
create policy darkroom_own on public.image_generation_jobs for all to authenticated
  using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
  with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))));
create policy darkroom_own_only on public.image_generation_jobs as restrictive for all to anon, authenticated
  using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
  with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))));
create policy darkroom_unmanaged_delete on public.image_generation_jobs as restrictive for delete to anon, authenticated
  using ((NOT managed));
create policy darkroom_unmanaged_insert on public.image_generation_jobs as restrictive for insert to anon, authenticated
  with check ((NOT managed));
create policy darkroom_unmanaged_update on public.image_generation_jobs as restrictive for update to anon, authenticated
  using ((NOT managed))
  with check ((NOT managed));

grant delete, select on public.image_generation_jobs to anon;
grant delete, select on public.image_generation_jobs to authenticated;
grant insert (id, user_id, status, progress, input_image_key, output_image_url, error_message, created_at, updated_at, completed_at) on public.image_generation_jobs to authenticated;
grant update (id, user_id, status, progress, input_image_key, output_image_url, error_message, created_at, updated_at, completed_at) on public.image_generation_jobs to authenticated;
grant delete, insert, references, select, trigger, truncate, update on public.image_generation_jobs to service_role;


create table public.job_runs (
  job_id uuid not null,
  active boolean not null default true,
  price integer not null,
  fallback boolean not null default true,
  attempt integer not null default 0,
  worker_id uuid,
  claimed_at timestamp with time zone,
  run_at timestamp with time zone not null,
  delivery integer not null default 1,
  priority integer not null default 1,
  delivered_at timestamp with time zone,
  offered_at timestamp with time zone,
  losses integer not null default 0,
  counted_retries integer not null default 0,
  past_failures text[] not null default '{}'::text[],
  model_calls integer not null default 0,
  attempts_log jsonb not null default '[]'::jsonb,
  cause text,
  cancel_at timestamp with time zone,
  traceparent text,
  constraint job_runs_pkey PRIMARY KEY (job_id),
  constraint job_runs_job_id_fkey FOREIGN KEY (job_id) REFERENCES image_generation_jobs(id) ON DELETE CASCADE,
  constraint job_runs_price_check CHECK ((price >= 0))
);
comment on table public.job_runs is 'How a managed job is run. Server-only and unpublished; one row a job.';
comment on column public.job_runs.active is 'Not yet terminal.';
comment on column public.job_runs.worker_id is 'The worker that holds the job; its lease is the job''s lease.';
comment on column public.job_runs.run_at is 'Not before this time.';
comment on column public.job_runs.delivery is 'Number of the latest delivery to the queue; every delivery has an id of its own.';
comment on column public.job_runs.priority is 'As at the start. Each delivery takes the job''s age off it.';
comment on column public.job_runs.delivered_at is 'When the queue was last known to hold the latest delivery; null when it must be delivered.';
comment on column public.job_runs.offered_at is 'When a sweeper last took over its delivery.';
comment on column public.job_runs.losses is 'How often its worker was lost while others kept their leases.';
comment on column public.job_runs.counted_retries is 'Retries that count against MAX_ATTEMPTS. Not the attempt: released jobs and lost workers count nothing.';
comment on column public.job_runs.model_calls is 'Counted before each call is sent.';
comment on column public.job_runs.cancel_at is 'When the client wants it canceled if it has not ended (Cancel-After).';
comment on column public.job_runs.traceparent is 'The trace in which the job was created (W3C Trace Context), which every run joins; null when none was recorded.';

CREATE INDEX job_runs_delivered ON public.job_runs USING btree (delivered_at) WHERE (active AND (worker_id IS NULL) AND (delivered_at IS NOT NULL));
CREATE INDEX job_runs_due ON public.job_runs USING btree (run_at) WHERE (active AND (worker_id IS NULL));
CREATE INDEX job_runs_of_worker ON public.job_runs USING btree (worker_id) WHERE (active AND (worker_id IS NOT NULL));
CREATE INDEX job_runs_to_cancel ON public.job_runs USING btree (cancel_at) WHERE (active AND (cancel_at IS NOT NULL));
CREATE INDEX job_runs_undelivered ON public.job_runs USING btree (run_at) WHERE (active AND (worker_id IS NULL) AND (delivered_at IS NULL));
CREATE INDEX job_runs_waiting ON public.job_runs USING btree (priority, run_at, job_id) WHERE (active AND (worker_id IS NULL));

alter table public.job_runs enable row level security;

grant delete, insert, references, select, trigger, truncate, update on public.job_runs to service_role;


create table public.job_webhooks (
  job_id uuid not null,
  url text not null,
  events text[] not null,
  constraint job_webhooks_pkey PRIMARY KEY (job_id),
  constraint job_webhooks_job_id_fkey FOREIGN KEY (job_id) REFERENCES image_generation_jobs(id) ON DELETE CASCADE,
  constraint job_webhooks_events_check CHECK (((cardinality(events) > 0) AND (events <@ ARRAY['job.processing'::text, 'job.completed'::text, 'job.failed'::text, 'job.canceled'::text]))),
  constraint job_webhooks_url_check CHECK (((url ~ '^https?://'::text) AND (char_length(url) <= 2048)))
);
comment on table public.job_webhooks is 'Where the events of a job are sent, and which. Server-only: the URL often holds a secret.';

alter table public.job_webhooks enable row level security;

grant delete, insert, references, select, trigger, truncate, update on public.job_webhooks to service_role;


create table public.subscriptions (
  id uuid not null default gen_random_uuid(),
  user_id text not null,
  status text not null default 'Free'::text,
  stripe_customer_id text,
  stripe_subscription_id text,
  price_id text,
  current_period_end timestamp(6) with time zone,
  created_at timestamp(6) with time zone default CURRENT_TIMESTAMP,
  updated_at timestamp(6) with time zone default CURRENT_TIMESTAMP,
  constraint subscriptions_pkey PRIMARY KEY (id),
  constraint subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE RESTRICT
);

CREATE INDEX idx_subscriptions_user_id ON public.subscriptions USING btree (user_id);
CREATE UNIQUE INDEX subscriptions_user_id_key ON public.subscriptions USING btree (user_id);

alter table public.subscriptions enable row level security;
create policy darkroom_own on public.subscriptions for select to authenticated
  using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))));
create policy darkroom_own_only on public.subscriptions as restrictive for all to anon, authenticated
  using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
  with check (false);
create policy darkroom_read_only on public.subscriptions as restrictive for delete to anon, authenticated
  using (false);

grant select on public.subscriptions to anon;
grant select on public.subscriptions to authenticated;
grant delete, insert, references, select, trigger, truncate, update on public.subscriptions to service_role;


create table public.users (
  id text not null,
  email text not null,
  credits integer not null default 3,
  created_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP,
  updated_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP,
  constraint users_pkey PRIMARY KEY (id)
);

CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email);

CREATE TRIGGER book_delete AFTER DELETE ON public.users FOR EACH ROW EXECUTE FUNCTION darkroom.book_direct_change();
CREATE TRIGGER book_insert AFTER INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION darkroom.book_direct_change();
CREATE TRIGGER book_update AFTER UPDATE ON public.users FOR EACH ROW WHEN ((old.credits IS DISTINCT FROM new.credits)) EXECUTE FUNCTION darkroom.book_direct_change();
CREATE TRIGGER broadcast_credits AFTER UPDATE ON public.users FOR EACH ROW WHEN ((new.credits IS DISTINCT FROM old.credits)) EXECUTE FUNCTION darkroom.broadcast_credits();
CREATE TRIGGER guard_user BEFORE INSERT OR UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION darkroom.guard_user();

alter table public.users enable row level security;
create policy darkroom_never_deleted on public.users as restrictive for delete to anon, authenticated
  using (false);
create policy darkroom_own on public.users for all to authenticated
  using ((id = ( SELECT (auth.jwt() ->> 'sub'::text))))
  with check ((id = ( SELECT (auth.jwt() ->> 'sub'::text))));
create policy darkroom_own_only on public.users as restrictive for all to anon, authenticated
  using ((id = ( SELECT (auth.jwt() ->> 'sub'::text))))
  with check ((id = ( SELECT (auth.jwt() ->> 'sub'::text))));

grant insert, select, update on public.users to anon;
grant insert, select, update on public.users to authenticated;
grant delete, insert, references, select, trigger, truncate, update on public.users to service_role;


create table public.webhook_deliveries (
  id uuid not null default gen_random_uuid(),
  job_id uuid not null,
  user_id text not null,
  type text not null,
  url text not null,
  host text generated always as (COALESCE("substring"(url, '^https?://([^/?#]+)'::text), ''::text)) stored,
  snapshot jsonb,
  status text not null default 'pending'::text,
  attempts integer not null default 0,
  replayed_after integer not null default 0,
  next_attempt_at timestamp with time zone,
  last_status integer,
  last_error text,
  created_at timestamp with time zone not null,
  delivered_at timestamp with time zone,
  constraint webhook_deliveries_pkey PRIMARY KEY (id),
  constraint webhook_deliveries_job_id_type_key UNIQUE (job_id, type),
  constraint webhook_deliveries_job_id_fkey FOREIGN KEY (job_id) REFERENCES image_generation_jobs(id) ON DELETE CASCADE,
  constraint webhook_deliveries_check CHECK (((status = 'pending'::text) = (next_attempt_at IS NOT NULL))),
  constraint webhook_deliveries_check1 CHECK (((status = 'delivered'::text) = (delivered_at IS NOT NULL))),
  constraint webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
);
comment on table public.webhook_deliveries is 'One row an event of a job, written in the transaction of the event. Server-only.';
comment on column public.webhook_deliveries.id is 'Also the webhook-id, the same at every attempt: receivers drop repeats.';
comment on column public.webhook_deliveries.host is 'Host and port: the receiver that the limits apply to.';
comment on column public.webhook_deliveries.snapshot is 'The job at the time of the event. Null for an ending: an ended job does not change and is sent from its row.';
comment on column public.webhook_deliveries.attempts is 'The fencing token: grows at every claim.';
comment on column public.webhook_deliveries.replayed_after is 'Attempts made before the latest replay; the schedule of retries starts again after them.';
comment on column public.webhook_deliveries.next_attempt_at is 'When it is due. A claim moves it 30 s ahead, so a delivery whose sender died becomes due again.';

CREATE INDEX webhook_deliveries_again ON public.webhook_deliveries USING btree (next_attempt_at, host) WHERE ((status = 'pending'::text) AND (attempts > 0));
CREATE INDEX webhook_deliveries_first ON public.webhook_deliveries USING btree (next_attempt_at, host) WHERE ((status = 'pending'::text) AND (attempts = 0));
CREATE INDEX webhook_deliveries_of_user ON public.webhook_deliveries USING btree (user_id);

alter table public.webhook_deliveries enable row level security;

grant delete, insert, references, select, trigger, truncate, update on public.webhook_deliveries to service_role;


create table public.webhook_events (
  source text not null,
  id text not null,
  type text not null,
  created_at timestamp with time zone not null,
  received_at timestamp with time zone not null,
  outcome text not null,
  user_id text,
  note text,
  detail jsonb,
  constraint webhook_events_pkey PRIMARY KEY (source, id),
  constraint webhook_events_outcome_check CHECK ((outcome = ANY (ARRAY['applied'::text, 'ignored'::text, 'stale'::text, 'email_taken'::text, 'unknown_user'::text, 'unknown_price'::text, 'deleted_user'::text]))),
  constraint webhook_events_source_check CHECK ((source = ANY (ARRAY['clerk'::text, 'stripe'::text])))
);
comment on table public.webhook_events is 'What was reported and what became of it. unknown_user, unknown_price and deleted_user need an operator: money came in and no credits went out.';

CREATE INDEX webhook_events_waiting ON public.webhook_events USING btree (received_at) WHERE (outcome = 'unknown_user'::text);

alter table public.webhook_events enable row level security;

grant references, select, trigger on public.webhook_events to service_role;


create table public.workers (
  id uuid not null,
  started_at timestamp with time zone not null,
  lease_expires_at timestamp with time zone not null,
  unbroken_since timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint workers_pkey PRIMARY KEY (id)
);
comment on table public.workers is 'One lease a worker, renewed by one heartbeat, however many jobs it runs.';
comment on column public.workers.unbroken_since is 'Since when the lease was renewed each time before it lapsed.';

alter table public.workers enable row level security;

grant delete, insert, references, select, trigger, truncate, update on public.workers to service_role;


create table darkroom.definitions (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  constraint definitions_pkey PRIMARY KEY (name)
);
comment on table darkroom.definitions is 'The files of migrations/functions and migrations/access, as last applied.';


create table darkroom.identities (
  user_id text not null,
  changed_at timestamp with time zone not null,
  constraint identities_pkey PRIMARY KEY (user_id)
);
comment on table darkroom.identities is 'The latest state of each user that Clerk has reported, so that an older report changes nothing.';


create table darkroom.migrations (
  id integer not null generated always as identity,
  name text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migrations_pkey PRIMARY KEY (id),
  constraint migrations_name_key UNIQUE (name)
);
comment on table darkroom.migrations is 'The numbered files of migrations/ that were applied.';


create table darkroom.object_removals (
  key text not null,
  due_at timestamp with time zone not null,
  tries integer not null default 0,
  constraint object_removals_pkey PRIMARY KEY (key)
);
comment on table darkroom.object_removals is 'Objects whose row is gone and that are still to be removed from the store.';

CREATE INDEX object_removals_due ON darkroom.object_removals USING btree (due_at);


create table darkroom.operator_state (
  singleton boolean not null default true,
  counted_until timestamp with time zone not null default '-infinity'::timestamp with time zone,
  reading jsonb,
  read_at timestamp with time zone,
  audit_problems integer,
  audited_at timestamp with time zone,
  audit_taken_at timestamp with time zone,
  constraint operator_state_pkey PRIMARY KEY (singleton),
  constraint operator_state_singleton_check CHECK (singleton)
);
comment on table darkroom.operator_state is 'The latest reading, kept ten seconds for everyone, and the latest audit.';

alter table darkroom.operator_state enable row level security;


create table darkroom.operator_totals (
  what text not null,
  label text not null,
  detail text not null,
  count bigint not null,
  credits bigint not null,
  constraint operator_totals_pkey PRIMARY KEY (what, label, detail)
);
comment on table darkroom.operator_totals is 'Sums of what can no longer change, up to operator_state.counted_until: jobs that ended, movements of credits, refunds.';

alter table darkroom.operator_totals enable row level security;


create table darkroom.orphan_round (
  singleton boolean not null default true,
  after_key text,
  due_at timestamp with time zone not null,
  constraint orphan_round_pkey PRIMARY KEY (singleton),
  constraint orphan_round_singleton_check CHECK (singleton)
);
comment on table darkroom.orphan_round is 'Where the search for objects that no row names continues, and when. A turn is a lease: due_at is set ahead while it lasts.';


create table darkroom.queue_epoch (
  singleton boolean not null default true,
  epoch text not null,
  constraint queue_epoch_pkey PRIMARY KEY (singleton),
  constraint queue_epoch_singleton_check CHECK (singleton)
);
comment on table darkroom.queue_epoch is 'The mark last seen in the queue. A different mark means that the queue was emptied.';


create table darkroom.releases (
  release integer not null,
  checksum text not null,
  migrated_at timestamp with time zone not null default now(),
  constraint releases_pkey PRIMARY KEY (release, checksum)
);
comment on table darkroom.releases is 'Every state of migrations/ that this database was brought to.';


create table darkroom.stripe_customers (
  customer_id text not null,
  user_id text not null,
  constraint stripe_customers_pkey PRIMARY KEY (customer_id)
);
comment on table darkroom.stripe_customers is 'Which user a customer is. The first link stays; it outlives the account, so that a later payment is still recognised.';


create table darkroom.stripe_subscriptions (
  id text not null,
  user_id text not null,
  customer_id text,
  status text not null,
  price_id text,
  current_period_end timestamp with time zone,
  event_at timestamp with time zone not null,
  event_rank integer not null,
  constraint stripe_subscriptions_pkey PRIMARY KEY (id)
);
comment on table darkroom.stripe_subscriptions is 'The latest state of each subscription that Stripe has reported. public.subscriptions shows the best one of each user.';

CREATE INDEX stripe_subscriptions_of_user ON darkroom.stripe_subscriptions USING btree (user_id);


create table darkroom.tombstones (
  user_id text not null,
  deleted_at timestamp with time zone not null,
  due_at timestamp with time zone,
  constraint tombstones_pkey PRIMARY KEY (user_id)
);
comment on table darkroom.tombstones is 'Deleted users, so that a token that is still valid does not create one again.';
comment on column darkroom.tombstones.due_at is 'When the erasure continues; null once nothing of the account is left.';

CREATE INDEX tombstones_due ON darkroom.tombstones USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE TRIGGER delete_webhooks AFTER INSERT ON darkroom.tombstones FOR EACH ROW EXECUTE FUNCTION darkroom.delete_webhooks();
