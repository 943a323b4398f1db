-- What migrations/ make of an empty database. Written by `npm run schema`, compared by the tests.

-- Tables

table darkroom.identities
  changed_at timestamp with time zone not null
  user_id text not null

table darkroom.object_removals
  due_at timestamp with time zone not null
  key text not null
  tries integer not null default 0

table darkroom.operator_state
  audit_problems integer
  audit_taken_at timestamp with time zone
  audited_at timestamp with time zone
  counted_until timestamp with time zone not null default '-infinity'::timestamp with time zone
  read_at timestamp with time zone
  reading jsonb
  singleton boolean not null default true
  row level security

table darkroom.operator_totals
  count bigint not null
  credits bigint not null
  detail text not null
  label text not null
  what text not null
  row level security

table darkroom.orphan_round
  after_key text
  due_at timestamp with time zone not null
  singleton boolean not null default true

table darkroom.queue_epoch
  epoch text not null
  singleton boolean not null default true

table darkroom.stripe_customers
  customer_id text not null
  user_id text not null

table darkroom.stripe_subscriptions
  current_period_end timestamp with time zone
  customer_id text
  event_at timestamp with time zone not null
  event_rank integer not null
  id text not null
  price_id text
  status text not null
  user_id text not null

table darkroom.tombstones
  deleted_at timestamp with time zone not null
  due_at timestamp with time zone
  user_id text not null

table public.credit_ledger
  amount integer not null
  balance_after integer not null
  created_at timestamp with time zone not null default darkroom.now()
  id bigint not null generated always as identity
  job_id uuid
  kind text not null
  reason text
  reference text not null
  user_id text not null
  row level security

table public.custom_prompts
  created_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP
  id uuid not null default gen_random_uuid()
  prompt_text text not null
  secondary_image_url text
  thumbnail_url text
  title text
  user_id text not null
  row level security

table public.generated_images
  created_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP
  height integer
  id uuid not null default gen_random_uuid()
  image_url text not null
  job_id uuid
  model text
  object_key text
  prompt text
  sha256 text
  thumbnail_key text
  thumbnail_url text
  user_id text not null
  width integer
  row level security

table public.idempotency_keys
  created_at timestamp with time zone not null
  job_id uuid not null
  key text not null
  request_hash text not null
  user_id text not null
  row level security

table public.image_generation_jobs
  aspect_ratio text storage main
  attempt integer not null default 0
  completed_at timestamp(6) with time zone
  created_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP
  custom_prompt_id uuid
  deadline_at timestamp(6) with time zone
  error_code text storage main
  error_message text storage main
  height integer
  id uuid not null default gen_random_uuid()
  image_size text storage main
  input_image_key text storage main
  managed boolean not null default false
  metadata jsonb storage main
  mime_type text storage main
  model text storage main
  model_requested text storage main
  output_image_url text storage main
  progress integer not null default 0
  prompt text storage main
  receipt jsonb storage main
  retry_of uuid
  stage text storage main
  started_at timestamp(6) with time zone
  status text not null default 'pending'::text storage main
  thumbnail_url text storage main
  updated_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP
  user_id text not null storage main
  version integer not null default 1
  width integer
  row level security
  replica identity full

table public.job_runs
  active boolean not null default true
  attempt integer not null default 0
  attempts_log jsonb not null default '[]'::jsonb
  cancel_at timestamp with time zone
  cause text
  claimed_at timestamp with time zone
  counted_retries integer not null default 0
  delivered_at timestamp with time zone
  delivery integer not null default 1
  fallback boolean not null default true
  job_id uuid not null
  losses integer not null default 0
  model_calls integer not null default 0
  offered_at timestamp with time zone
  past_failures text[] not null default '{}'::text[]
  price integer not null
  priority integer not null default 1
  run_at timestamp with time zone not null
  traceparent text default darkroom.request_trace()
  worker_id uuid
  row level security

table public.job_webhooks
  events text[] not null
  job_id uuid not null
  url text not null
  row level security

table public.subscriptions
  created_at timestamp(6) with time zone default CURRENT_TIMESTAMP
  current_period_end timestamp(6) with time zone
  id uuid not null default gen_random_uuid()
  price_id text
  status text not null default 'Free'::text
  stripe_customer_id text
  stripe_subscription_id text
  updated_at timestamp(6) with time zone default CURRENT_TIMESTAMP
  user_id text not null
  row level security

table public.users
  created_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP
  credits integer not null default 3
  email text not null
  id text not null
  updated_at timestamp(6) with time zone not null default CURRENT_TIMESTAMP
  row level security

table public.webhook_deliveries
  attempts integer not null default 0
  created_at timestamp with time zone not null
  delivered_at timestamp with time zone
  host text default COALESCE("substring"(url, '^https?://([^/?#]+)'::text), ''::text)
  id uuid not null default gen_random_uuid()
  job_id uuid not null
  last_error text
  last_status integer
  next_attempt_at timestamp with time zone
  replayed_after integer not null default 0
  snapshot jsonb
  status text not null default 'pending'::text
  type text not null
  url text not null
  user_id text not null
  row level security

table public.webhook_events
  created_at timestamp with time zone not null
  detail jsonb
  id text not null
  note text
  outcome text not null
  received_at timestamp with time zone not null
  source text not null
  type text not null
  user_id text
  row level security

table public.workers
  ended_at timestamp with time zone
  id uuid not null
  lease_expires_at timestamp with time zone not null
  started_at timestamp with time zone not null
  unbroken_since timestamp with time zone not null
  row level security


-- Constraints

darkroom.identities: identities_pkey PRIMARY KEY (user_id)
darkroom.object_removals: object_removals_pkey PRIMARY KEY (key)
darkroom.operator_state: operator_state_pkey PRIMARY KEY (singleton)
darkroom.operator_state: operator_state_singleton_check CHECK (singleton)
darkroom.operator_totals: operator_totals_pkey PRIMARY KEY (what, label, detail)
darkroom.orphan_round: orphan_round_pkey PRIMARY KEY (singleton)
darkroom.orphan_round: orphan_round_singleton_check CHECK (singleton)
darkroom.queue_epoch: queue_epoch_pkey PRIMARY KEY (singleton)
darkroom.queue_epoch: queue_epoch_singleton_check CHECK (singleton)
darkroom.stripe_customers: stripe_customers_pkey PRIMARY KEY (customer_id)
darkroom.stripe_subscriptions: stripe_subscriptions_pkey PRIMARY KEY (id)
darkroom.tombstones: tombstones_pkey PRIMARY KEY (user_id)
public.credit_ledger: credit_ledger_amount_check CHECK ((amount <> 0))
public.credit_ledger: credit_ledger_check CHECK (((kind = ANY (ARRAY['job_debit'::text, 'job_refund'::text, 'price_difference'::text])) = (job_id IS NOT NULL)))
public.credit_ledger: credit_ledger_check1 CHECK (((kind <> 'job_debit'::text) OR (amount < 0)))
public.credit_ledger: credit_ledger_check2 CHECK (((kind <> ALL (ARRAY['job_refund'::text, 'price_difference'::text, 'grant'::text, 'purchase'::text, 'signup'::text])) OR (amount > 0)))
public.credit_ledger: credit_ledger_job_id_kind_key UNIQUE (job_id, kind)
public.credit_ledger: credit_ledger_kind_check CHECK ((kind = ANY (ARRAY['opening'::text, 'signup'::text, 'job_debit'::text, 'job_refund'::text, 'price_difference'::text, 'grant'::text, 'purchase'::text, 'adjustment'::text, 'native_app'::text])))
public.credit_ledger: credit_ledger_pkey PRIMARY KEY (id)
public.credit_ledger: credit_ledger_reference_key UNIQUE (reference)
public.custom_prompts: custom_prompts_pkey PRIMARY KEY (id)
public.generated_images: generated_images_pkey PRIMARY KEY (id)
public.generated_images: generated_images_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE RESTRICT
public.idempotency_keys: idempotency_keys_job_id_fkey FOREIGN KEY (job_id) REFERENCES image_generation_jobs(id) ON DELETE CASCADE
public.idempotency_keys: idempotency_keys_key_check CHECK (((char_length(key) >= 1) AND (char_length(key) <= 255)))
public.idempotency_keys: idempotency_keys_pkey PRIMARY KEY (user_id, key)
public.image_generation_jobs: image_generation_jobs_pkey PRIMARY KEY (id)
public.image_generation_jobs: image_generation_jobs_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE RESTRICT
public.image_generation_jobs: managed_progress CHECK (((NOT managed) OR ((progress >= 0) AND (progress <= 100))))
public.image_generation_jobs: managed_receipt CHECK (((NOT managed) OR (receipt IS NOT NULL)))
public.image_generation_jobs: managed_stage CHECK (((NOT managed) OR (stage = ANY (ARRAY['queued'::text, 'starting'::text, 'generating'::text, 'storing'::text, 'done'::text]))))
public.image_generation_jobs: managed_status CHECK (((NOT managed) OR (status = ANY (ARRAY['pending'::text, 'processing'::text, 'completed'::text, 'failed'::text, 'canceled'::text]))))
public.image_generation_jobs: managed_times CHECK (((NOT managed) OR ((deadline_at IS NOT NULL) AND ((completed_at IS NOT NULL) = (status = ANY (ARRAY['completed'::text, 'failed'::text, 'canceled'::text]))))))
public.image_generation_jobs: metadata_size CHECK ((octet_length((metadata)::text) <= 2560)) NOT VALID
public.image_generation_jobs: prompt_length CHECK ((char_length(prompt) <= 4000)) NOT VALID
public.job_runs: job_runs_job_id_fkey FOREIGN KEY (job_id) REFERENCES image_generation_jobs(id) ON DELETE CASCADE
public.job_runs: job_runs_pkey PRIMARY KEY (job_id)
public.job_runs: job_runs_price_check CHECK ((price >= 0))
public.job_webhooks: job_webhooks_events_check CHECK (((cardinality(events) > 0) AND (events <@ ARRAY['job.processing'::text, 'job.completed'::text, 'job.failed'::text, 'job.canceled'::text])))
public.job_webhooks: job_webhooks_job_id_fkey FOREIGN KEY (job_id) REFERENCES image_generation_jobs(id) ON DELETE CASCADE
public.job_webhooks: job_webhooks_pkey PRIMARY KEY (job_id)
public.job_webhooks: job_webhooks_url_check CHECK (((url ~ '^https?://'::text) AND (char_length(url) <= 2048)))
public.subscriptions: subscriptions_pkey PRIMARY KEY (id)
public.subscriptions: subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id) ON UPDATE CASCADE ON DELETE RESTRICT
public.users: users_pkey PRIMARY KEY (id)
public.webhook_deliveries: webhook_deliveries_check CHECK (((status = 'pending'::text) = (next_attempt_at IS NOT NULL)))
public.webhook_deliveries: webhook_deliveries_check1 CHECK (((status = 'delivered'::text) = (delivered_at IS NOT NULL)))
public.webhook_deliveries: webhook_deliveries_job_id_fkey FOREIGN KEY (job_id) REFERENCES image_generation_jobs(id) ON DELETE CASCADE
public.webhook_deliveries: webhook_deliveries_job_id_type_key UNIQUE (job_id, type)
public.webhook_deliveries: webhook_deliveries_pkey PRIMARY KEY (id)
public.webhook_deliveries: webhook_deliveries_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text])))
public.webhook_events: webhook_events_outcome_check CHECK ((outcome = ANY (ARRAY['applied'::text, 'ignored'::text, 'stale'::text, 'email_taken'::text, 'unknown_user'::text, 'unknown_price'::text, 'deleted_user'::text])))
public.webhook_events: webhook_events_pkey PRIMARY KEY (source, id)
public.webhook_events: webhook_events_source_check CHECK ((source = ANY (ARRAY['clerk'::text, 'stripe'::text])))
public.workers: workers_pkey PRIMARY KEY (id)

-- Indexes

CREATE INDEX credit_ledger_age ON public.credit_ledger USING btree (created_at)
CREATE INDEX credit_ledger_of_user ON public.credit_ledger USING btree (user_id, id DESC)
CREATE INDEX custom_prompts_of_user ON public.custom_prompts USING btree (user_id, created_at DESC, id DESC)
CREATE INDEX custom_prompts_secondary ON public.custom_prompts USING hash ("substring"(secondary_image_url, '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)'::text))
CREATE INDEX custom_prompts_thumbnail ON public.custom_prompts USING hash ("substring"(thumbnail_url, '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)'::text))
CREATE INDEX custom_prompts_user_id_idx ON public.custom_prompts USING btree (user_id)
CREATE INDEX generated_images_object_key ON public.generated_images USING btree (object_key) WHERE (object_key IS NOT NULL)
CREATE INDEX generated_images_of_user ON public.generated_images USING btree (user_id, created_at DESC, id DESC)
CREATE INDEX generated_images_thumbnail_key ON public.generated_images USING btree (thumbnail_key) WHERE (thumbnail_key IS NOT NULL)
CREATE INDEX generated_images_url ON public.generated_images USING hash ("substring"(image_url, '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)'::text))
CREATE INDEX idempotency_keys_age ON public.idempotency_keys USING btree (created_at)
CREATE INDEX idx_generated_images_user_id ON public.generated_images USING btree (user_id)
CREATE INDEX idx_image_jobs_created_at ON public.image_generation_jobs USING btree (created_at)
CREATE INDEX idx_image_jobs_status ON public.image_generation_jobs USING btree (status)
CREATE INDEX idx_image_jobs_user_id ON public.image_generation_jobs USING btree (user_id)
CREATE INDEX idx_subscriptions_user_id ON public.subscriptions USING btree (user_id)
CREATE INDEX job_runs_delivered ON public.job_runs USING btree (delivered_at) WHERE (active AND (worker_id IS NULL) AND (delivered_at IS NOT NULL))
CREATE INDEX job_runs_due ON public.job_runs USING btree (run_at) WHERE (active AND (worker_id IS NULL))
CREATE INDEX job_runs_of_worker ON public.job_runs USING btree (worker_id) WHERE (active AND (worker_id IS NOT NULL))
CREATE INDEX job_runs_to_cancel ON public.job_runs USING btree (cancel_at) WHERE (active AND (cancel_at IS NOT NULL))
CREATE INDEX job_runs_undelivered ON public.job_runs USING btree (run_at) WHERE (active AND (worker_id IS NULL) AND (delivered_at IS NULL))
CREATE INDEX job_runs_waiting ON public.job_runs USING btree (priority, run_at, job_id) WHERE (active AND (worker_id IS NULL))
CREATE INDEX jobs_ended ON public.image_generation_jobs USING btree (completed_at DESC) WHERE (managed AND (completed_at IS NOT NULL))
CREATE INDEX jobs_ended_without_image ON public.image_generation_jobs USING btree (completed_at) WHERE (managed AND (status = ANY (ARRAY['failed'::text, 'canceled'::text])))
CREATE INDEX jobs_input ON public.image_generation_jobs USING hash (input_image_key)
CREATE INDEX jobs_of_user ON public.image_generation_jobs USING btree (user_id, created_at DESC, id DESC)
CREATE INDEX jobs_overdue ON public.image_generation_jobs USING btree (deadline_at) WHERE (managed AND (status = ANY (ARRAY['pending'::text, 'processing'::text])))
CREATE INDEX jobs_unfinished ON public.image_generation_jobs USING btree (status, created_at) WHERE (managed AND (status = ANY (ARRAY['pending'::text, 'processing'::text])))
CREATE INDEX jobs_unfinished_of_user ON public.image_generation_jobs USING btree (user_id, created_at) WHERE (managed AND (status = ANY (ARRAY['pending'::text, 'processing'::text])))
CREATE INDEX jobs_unmanaged_output ON public.image_generation_jobs USING hash ("substring"(output_image_url, '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)'::text)) WHERE (NOT managed)
CREATE INDEX object_removals_due ON darkroom.object_removals USING btree (due_at)
CREATE INDEX stripe_subscriptions_of_user ON darkroom.stripe_subscriptions USING btree (user_id)
CREATE INDEX tombstones_due ON darkroom.tombstones USING btree (due_at) WHERE (due_at IS NOT NULL)
CREATE INDEX webhook_deliveries_again ON public.webhook_deliveries USING btree (next_attempt_at, host) WHERE ((status = 'pending'::text) AND (attempts > 0))
CREATE INDEX webhook_deliveries_first ON public.webhook_deliveries USING btree (next_attempt_at, host) WHERE ((status = 'pending'::text) AND (attempts = 0))
CREATE INDEX webhook_deliveries_of_user ON public.webhook_deliveries USING btree (user_id)
CREATE INDEX webhook_events_waiting ON public.webhook_events USING btree (received_at) WHERE (outcome = 'unknown_user'::text)
CREATE UNIQUE INDEX credit_ledger_job_id_kind_key ON public.credit_ledger USING btree (job_id, kind)
CREATE UNIQUE INDEX credit_ledger_pkey ON public.credit_ledger USING btree (id)
CREATE UNIQUE INDEX credit_ledger_reference_key ON public.credit_ledger USING btree (reference)
CREATE UNIQUE INDEX custom_prompts_pkey ON public.custom_prompts USING btree (id)
CREATE UNIQUE INDEX generated_images_job_id_key ON public.generated_images USING btree (job_id)
CREATE UNIQUE INDEX generated_images_pkey ON public.generated_images USING btree (id)
CREATE UNIQUE INDEX idempotency_keys_pkey ON public.idempotency_keys USING btree (user_id, key)
CREATE UNIQUE INDEX identities_pkey ON darkroom.identities USING btree (user_id)
CREATE UNIQUE INDEX image_generation_jobs_pkey ON public.image_generation_jobs USING btree (id)
CREATE UNIQUE INDEX job_runs_pkey ON public.job_runs USING btree (job_id)
CREATE UNIQUE INDEX job_webhooks_pkey ON public.job_webhooks USING btree (job_id)
CREATE UNIQUE INDEX object_removals_pkey ON darkroom.object_removals USING btree (key)
CREATE UNIQUE INDEX operator_state_pkey ON darkroom.operator_state USING btree (singleton)
CREATE UNIQUE INDEX operator_totals_pkey ON darkroom.operator_totals USING btree (what, label, detail)
CREATE UNIQUE INDEX orphan_round_pkey ON darkroom.orphan_round USING btree (singleton)
CREATE UNIQUE INDEX queue_epoch_pkey ON darkroom.queue_epoch USING btree (singleton)
CREATE UNIQUE INDEX stripe_customers_pkey ON darkroom.stripe_customers USING btree (customer_id)
CREATE UNIQUE INDEX stripe_subscriptions_pkey ON darkroom.stripe_subscriptions USING btree (id)
CREATE UNIQUE INDEX subscriptions_pkey ON public.subscriptions USING btree (id)
CREATE UNIQUE INDEX subscriptions_user_id_key ON public.subscriptions USING btree (user_id)
CREATE UNIQUE INDEX tombstones_pkey ON darkroom.tombstones USING btree (user_id)
CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email)
CREATE UNIQUE INDEX users_pkey ON public.users USING btree (id)
CREATE UNIQUE INDEX webhook_deliveries_job_id_type_key ON public.webhook_deliveries USING btree (job_id, type)
CREATE UNIQUE INDEX webhook_deliveries_pkey ON public.webhook_deliveries USING btree (id)
CREATE UNIQUE INDEX webhook_events_pkey ON public.webhook_events USING btree (source, id)
CREATE UNIQUE INDEX workers_pkey ON public.workers USING btree (id)

-- Triggers

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE ON public.credit_ledger FOR EACH ROW EXECUTE FUNCTION darkroom.refuse_ledger_change()
CREATE TRIGGER book_delete AFTER DELETE ON public.users FOR EACH ROW EXECUTE FUNCTION darkroom.book_direct_change()
CREATE TRIGGER book_insert AFTER INSERT ON public.users FOR EACH ROW EXECUTE FUNCTION darkroom.book_direct_change()
CREATE TRIGGER book_update AFTER UPDATE ON public.users FOR EACH ROW WHEN ((old.credits IS DISTINCT FROM new.credits)) EXECUTE FUNCTION darkroom.book_direct_change()
CREATE TRIGGER forget_webhooks AFTER INSERT ON darkroom.tombstones FOR EACH ROW EXECUTE FUNCTION darkroom.forget_webhooks()
CREATE TRIGGER guard_deleted BEFORE INSERT ON public.custom_prompts FOR EACH ROW EXECUTE FUNCTION darkroom.guard_deleted()
CREATE TRIGGER guard_deleted BEFORE INSERT ON public.generated_images FOR EACH ROW WHEN ((new.job_id IS NULL)) EXECUTE FUNCTION darkroom.guard_deleted()
CREATE TRIGGER guard_deleted BEFORE INSERT ON public.image_generation_jobs FOR EACH ROW EXECUTE FUNCTION darkroom.guard_deleted()
CREATE TRIGGER guard_job BEFORE INSERT OR DELETE OR UPDATE ON public.image_generation_jobs FOR EACH ROW EXECUTE FUNCTION darkroom.guard_job()
CREATE TRIGGER guard_user BEFORE INSERT OR UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION darkroom.guard_user()
CREATE TRIGGER keep_webhook AFTER INSERT ON public.image_generation_jobs FOR EACH ROW WHEN ((new.managed AND (new.retry_of IS NOT NULL))) EXECUTE FUNCTION darkroom.keep_webhook()
CREATE TRIGGER move_balance AFTER INSERT ON public.credit_ledger FOR EACH ROW EXECUTE FUNCTION darkroom.move_balance()
CREATE TRIGGER never_truncated BEFORE TRUNCATE ON public.credit_ledger FOR EACH STATEMENT EXECUTE FUNCTION darkroom.refuse_ledger_change()
CREATE TRIGGER note_event AFTER UPDATE OF status ON public.image_generation_jobs FOR EACH ROW WHEN ((new.managed AND (new.status IS DISTINCT FROM old.status) AND (new.status <> 'pending'::text))) EXECUTE FUNCTION darkroom.note_event()
CREATE TRIGGER take_balance BEFORE INSERT ON public.credit_ledger FOR EACH ROW EXECUTE FUNCTION darkroom.take_balance()
CREATE TRIGGER tell_credits AFTER UPDATE ON public.users FOR EACH ROW WHEN ((new.credits IS DISTINCT FROM old.credits)) EXECUTE FUNCTION darkroom.tell_credits()
CREATE TRIGGER tell_job AFTER UPDATE ON public.image_generation_jobs FOR EACH ROW WHEN ((new.managed AND (new.version IS DISTINCT FROM old.version))) EXECUTE FUNCTION darkroom.tell_job()
CREATE TRIGGER tell_new_job AFTER INSERT ON public.image_generation_jobs FOR EACH ROW WHEN (new.managed) EXECUTE FUNCTION darkroom.tell_job()
CREATE TRIGGER touch_job BEFORE UPDATE ON public.image_generation_jobs FOR EACH ROW EXECUTE FUNCTION darkroom.touch_job()

-- Policies

public.credit_ledger: darkroom_own permissive for select to authenticated using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text)))) with check (-)
public.custom_prompts: darkroom_own permissive for all to authenticated using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text)))) with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
public.custom_prompts: darkroom_own_only restrictive for all to anon, authenticated using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text)))) with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
public.generated_images: darkroom_own permissive for all to authenticated using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text)))) with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
public.generated_images: darkroom_own_only restrictive for all to anon, authenticated using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text)))) with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
public.image_generation_jobs: darkroom_own permissive for all to authenticated using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text)))) with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
public.image_generation_jobs: darkroom_own_only restrictive for all to anon, authenticated using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text)))) with check ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text))))
public.image_generation_jobs: darkroom_unmanaged_delete restrictive for delete to anon, authenticated using ((NOT managed)) with check (-)
public.image_generation_jobs: darkroom_unmanaged_insert restrictive for insert to anon, authenticated using (-) with check ((NOT managed))
public.image_generation_jobs: darkroom_unmanaged_update restrictive for update to anon, authenticated using ((NOT managed)) with check ((NOT managed))
public.subscriptions: darkroom_own permissive for select to authenticated using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text)))) with check (-)
public.subscriptions: darkroom_own_only restrictive for all to anon, authenticated using ((user_id = ( SELECT (auth.jwt() ->> 'sub'::text)))) with check (false)
public.subscriptions: darkroom_read_only restrictive for delete to anon, authenticated using (false) with check (-)
public.users: darkroom_never_deleted restrictive for delete to anon, authenticated using (false) with check (-)
public.users: darkroom_own permissive for all to authenticated using ((id = ( SELECT (auth.jwt() ->> 'sub'::text)))) with check ((id = ( SELECT (auth.jwt() ->> 'sub'::text))))
public.users: darkroom_own_only restrictive for all to anon, authenticated using ((id = ( SELECT (auth.jwt() ->> 'sub'::text)))) with check ((id = ( SELECT (auth.jwt() ->> 'sub'::text))))

-- Privileges on tables and views

public.credit_audit: service_role may delete, insert, references, select, trigger, truncate, update
public.credit_ledger: authenticated may select
public.credit_ledger: service_role may references, select, trigger
public.custom_prompts: anon may delete, insert, select, update
public.custom_prompts: authenticated may delete, insert, select, update
public.custom_prompts: service_role may delete, insert, references, select, trigger, truncate, update
public.generated_images: anon may delete, select
public.generated_images: authenticated may delete, select
public.generated_images: service_role may delete, insert, references, select, trigger, truncate, update
public.idempotency_keys: service_role may delete, insert, references, select, trigger, truncate, update
public.image_generation_jobs: anon may delete, select
public.image_generation_jobs: authenticated may delete, select
public.image_generation_jobs: service_role may delete, insert, references, select, trigger, truncate, update
public.job_runs: service_role may delete, insert, references, select, trigger, truncate, update
public.job_webhooks: service_role may delete, insert, references, select, trigger, truncate, update
public.subscriptions: anon may select
public.subscriptions: authenticated may select
public.subscriptions: service_role may delete, insert, references, select, trigger, truncate, update
public.users: anon may insert, select, update
public.users: authenticated may insert, select, update
public.users: service_role may delete, insert, references, select, trigger, truncate, update
public.webhook_deliveries: service_role may delete, insert, references, select, trigger, truncate, update
public.webhook_events: service_role may references, select, trigger
public.workers: service_role may delete, insert, references, select, trigger, truncate, update

-- Privileges on columns

public.generated_images: authenticated may insert (created_at, id, image_url, prompt, user_id)
public.generated_images: authenticated may update (created_at, id, image_url, prompt, user_id)
public.image_generation_jobs: authenticated may insert (completed_at, created_at, error_message, id, input_image_key, output_image_url, progress, status, updated_at, user_id)
public.image_generation_jobs: authenticated may update (completed_at, created_at, error_message, id, input_image_key, output_image_url, progress, status, updated_at, user_id)

-- Views

view public.credit_audit (security_invoker=true) as
 WITH booked AS (
         SELECT credit_ledger.user_id,
            sum(credit_ledger.amount) AS total
           FROM credit_ledger
          GROUP BY credit_ledger.user_id
        ), per_job AS (
         SELECT credit_ledger.job_id,
            sum(credit_ledger.amount) AS total,
            count(*) FILTER (WHERE (credit_ledger.kind = 'job_debit'::text)) AS debits
           FROM credit_ledger
          WHERE (credit_ledger.job_id IS NOT NULL)
          GROUP BY credit_ledger.job_id
        ), jobs AS (
         SELECT j.id,
            j.user_id,
            j.status,
            j.progress,
            j.input_image_key,
            j.output_image_url,
            j.error_message,
            j.created_at,
            j.updated_at,
            j.completed_at,
            j.managed,
            j.version,
            j.stage,
            j.prompt,
            j.custom_prompt_id,
            j.thumbnail_url,
            j.width,
            j.height,
            j.mime_type,
            j.model_requested,
            j.model,
            j.aspect_ratio,
            j.image_size,
            j.attempt,
            j.error_code,
            j.receipt,
            j.metadata,
            j.retry_of,
            j.started_at,
            j.deadline_at,
            r.price,
            r.active,
            COALESCE(p.total, (0)::bigint) AS total,
            COALESCE(p.debits, (0)::bigint) AS debits,
            (EXISTS ( SELECT
                   FROM generated_images i
                  WHERE (i.job_id = j.id))) AS has_image
           FROM ((image_generation_jobs j
             LEFT JOIN job_runs r ON ((r.job_id = j.id)))
             LEFT JOIN per_job p ON ((p.job_id = j.id)))
          WHERE j.managed
        )
 SELECT 'user'::text AS scope,
    COALESCE(u.id, b.user_id) AS id,
    COALESCE(u.id, b.user_id) AS user_id,
    'balance differs from the ledger'::text AS problem,
    (COALESCE(b.total, (0)::bigint))::text AS expected,
    (u.credits)::text AS actual
   FROM (users u
     FULL JOIN booked b ON ((b.user_id = u.id)))
  WHERE (COALESCE(u.credits, 0) <> COALESCE(b.total, (0)::bigint))
UNION ALL
 SELECT 'user'::text AS scope,
    credit_ledger.user_id AS id,
    credit_ledger.user_id,
    'a movement took the balance below 0'::text AS problem,
    '0'::text AS expected,
    (credit_ledger.balance_after)::text AS actual
   FROM credit_ledger
  WHERE ((credit_ledger.amount < 0) AND (credit_ledger.balance_after < 0) AND (credit_ledger.kind <> 'opening'::text))
UNION ALL
 SELECT 'job'::text AS scope,
    (jobs.id)::text AS id,
    jobs.user_id,
    'has no run'::text AS problem,
    NULL::text AS expected,
    NULL::text AS actual
   FROM jobs
  WHERE (jobs.price IS NULL)
UNION ALL
 SELECT 'job'::text AS scope,
    (jobs.id)::text AS id,
    jobs.user_id,
    'was not debited once'::text AS problem,
        CASE
            WHEN (jobs.price > 0) THEN '1'::text
            ELSE '0'::text
        END AS expected,
    (jobs.debits)::text AS actual
   FROM jobs
  WHERE (jobs.debits <>
        CASE
            WHEN (jobs.price > 0) THEN 1
            ELSE 0
        END)
UNION ALL
 SELECT 'job'::text AS scope,
    (jobs.id)::text AS id,
    jobs.user_id,
    'an unfinished job does not net its price'::text AS problem,
    ((- jobs.price))::text AS expected,
    (jobs.total)::text AS actual
   FROM jobs
  WHERE ((jobs.status = ANY (ARRAY['pending'::text, 'processing'::text])) AND (jobs.total <> (- jobs.price)))
UNION ALL
 SELECT 'job'::text AS scope,
    (jobs.id)::text AS id,
    jobs.user_id,
    (('a '::text || jobs.status) || ' job does not net 0'::text) AS problem,
    '0'::text AS expected,
    (jobs.total)::text AS actual
   FROM jobs
  WHERE ((jobs.status = ANY (ARRAY['failed'::text, 'canceled'::text])) AND (jobs.total <> 0))
UNION ALL
 SELECT 'job'::text AS scope,
    (jobs.id)::text AS id,
    jobs.user_id,
    'a completed job costs nothing or more than its quote'::text AS problem,
    ((- jobs.price))::text AS expected,
    (jobs.total)::text AS actual
   FROM jobs
  WHERE ((jobs.status = 'completed'::text) AND ((jobs.total > 0) OR (jobs.total < (- jobs.price))))
UNION ALL
 SELECT 'job'::text AS scope,
    (jobs.id)::text AS id,
    jobs.user_id,
    'the receipt differs from the ledger'::text AS problem,
    (jobs.receipt ->> 'net'::text) AS expected,
    ((- jobs.total))::text AS actual
   FROM jobs
  WHERE (((jobs.receipt ->> 'net'::text))::bigint <> (- jobs.total))
UNION ALL
 SELECT 'job'::text AS scope,
    (jobs.id)::text AS id,
    jobs.user_id,
    (('a '::text || jobs.status) || ' job shows an image'::text) AS problem,
    NULL::text AS expected,
    jobs.output_image_url AS actual
   FROM jobs
  WHERE ((jobs.status = ANY (ARRAY['failed'::text, 'canceled'::text])) AND (jobs.has_image OR (jobs.output_image_url IS NOT NULL)))
UNION ALL
 SELECT 'job'::text AS scope,
    (jobs.id)::text AS id,
    jobs.user_id,
    'a completed job has no image'::text AS problem,
    NULL::text AS expected,
    NULL::text AS actual
   FROM jobs
  WHERE ((jobs.status = 'completed'::text) AND (jobs.output_image_url IS NULL))
UNION ALL
 SELECT 'job'::text AS scope,
    (jobs.id)::text AS id,
    jobs.user_id,
    'its run is out of step'::text AS problem,
    jobs.status AS expected,
        CASE
            WHEN jobs.active THEN 'active'::text
            ELSE 'ended'::text
        END AS actual
   FROM jobs
  WHERE (jobs.active <> (jobs.status = ANY (ARRAY['pending'::text, 'processing'::text])));


-- Functions

CREATE OR REPLACE FUNCTION darkroom.advance_totals()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_until timestamptz := date_trunc('hour', darkroom.now()) - interval '1 hour';
  v_from timestamptz;
begin
  select counted_until into v_from from darkroom.operator_state for update skip locked;
  if not found or v_from >= v_until then
    return;
  end if;
  if isfinite(v_from) then
    v_until := least(v_until, v_from + interval '1 day');
  end if;
  insert into darkroom.operator_totals as t (what, label, detail, count, credits)
    select what, label, detail, count, credits from darkroom.totals_between(v_from, v_until)
    on conflict (what, label, detail) do update
      set count = t.count + excluded.count, credits = t.credits + excluded.credits;
  update darkroom.operator_state set counted_until = v_until;
end
$function$
-- Adds to the totals what is more than an hour old, at most a day of it: no transaction lasts as long, so nothing can still be added there. After a pause, when nobody asked, one call after the other catches up. Waits for nobody; one caller at a time does it.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.apply_stripe(p_event jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_customer text := p_event ->> 'customer';
  v_purchase jsonb := nullif(p_event -> 'purchase', 'null');
  v_subscription jsonb := nullif(p_event -> 'subscription', 'null');
  v_credits integer := (v_purchase ->> 'credits')::integer;
  v_user_id text := darkroom.payer(p_event ->> 'user_id', v_customer);
  v_unknown text := (select string_agg(price, ', ') from jsonb_array_elements_text(v_purchase -> 'unknown_prices') price);
  v_outcome text := 'ignored';
begin
  if v_user_id is null then
    return jsonb_build_object('outcome',
      case when coalesce(v_credits, 0) > 0 or v_unknown is not null or v_subscription is not null
        then 'unknown_user' else 'ignored' end);
  end if;
  perform from public.users where id = v_user_id for no key update;
  if v_customer is not null then
    insert into darkroom.stripe_customers (customer_id, user_id) values (v_customer, v_user_id) on conflict do nothing;
  end if;
  if darkroom.is_deleted(v_user_id) then
    return jsonb_build_object('user_id', v_user_id, 'outcome',
      case when v_purchase is not null or darkroom.is_live(v_subscription ->> 'status') then 'deleted_user' else 'ignored' end);
  end if;

  if v_credits > 0 then
    insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
      values (v_user_id, 'purchase', v_credits, 0, v_purchase ->> 'reference', v_purchase ->> 'reason')
      on conflict (reference) do nothing;
    v_outcome := 'applied';
  elsif v_unknown is not null then
    v_outcome := 'unknown_price';
  end if;
  if v_subscription is not null then
    v_outcome := darkroom.keep_subscription(v_user_id, v_customer, v_subscription, (p_event ->> 'created_at')::timestamptz);
  elsif v_purchase is null and v_customer is not null then
    v_outcome := 'applied';
  end if;
  return jsonb_build_object('outcome', v_outcome, 'user_id', v_user_id,
    'note', coalesce('not in STRIPE_PRICE_CREDITS: ' || v_unknown, v_purchase ->> 'note'));
end
$function$
-- What an event does: links the customer, books the credits once per reference, keeps the subscription: {outcome, user_id, note}. Safe to repeat.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.book_direct_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user_id text := coalesce(new.id, old.id);
  v_amount integer := coalesce(new.credits, 0) - coalesce(old.credits, 0);
  v_by_user boolean := coalesce(current_setting('role', true), '') in ('anon', 'authenticated');
begin
  -- A movement of the ledger itself: told by the depth, which no client can forge; the setting only tells it
  -- from another trigger that writes credits.
  if pg_trigger_depth() > 1 and coalesce(current_setting('darkroom.moving', true), '') = v_user_id then
    return null;
  end if;
  if v_amount <> 0 then
    insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason) values (
      v_user_id,
      case when v_by_user then 'native_app' else 'adjustment' end,
      v_amount,
      coalesce(new.credits, 0),
      'direct:' || gen_random_uuid(),
      case tg_op when 'INSERT' then 'Row made by ' when 'DELETE' then 'Row removed by ' else 'Balance set by ' end
        || case when v_by_user then 'the app' else session_user::text end);
  end if;
  return null;
end
$function$
-- Books a balance that was written into users directly, so that credits = sum(ledger) whoever writes.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.create_job(p_user_id text, p_input jsonb, p_price integer, p_idempotency_key text, p_request_hash text, p_email text DEFAULT NULL::text, p_default_credits integer DEFAULT 5, p_max_active_jobs integer DEFAULT 10, p_deadline_ms integer DEFAULT 600000)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- Makes the user at first sight, then one job, its debit and its key, in one transaction; or returns the job that the same key made (replayed). Never two jobs for one key, never a debit without a job, never a balance below 0. Raises DR401 deleted user, DR402 not enough credits, DR422 key reused, DR423 no such saved prompt, DR429 too many active jobs, DR400 bad argument; then nothing is written.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.end_job(p_job image_generation_jobs, p_status text, p_code text, p_message text, p_cause text, p_calls jsonb)
 RETURNS image_generation_jobs
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_job public.image_generation_jobs;
  v_price integer;
begin
  update public.job_runs
    set active = false, worker_id = null, delivered_at = null, cause = left(p_cause, 2000),
        attempts_log = darkroom.merge_calls(attempts_log, p_calls)
    where job_id = p_job.id returning price into v_price;
  update public.image_generation_jobs
    set status = p_status, stage = 'done', error_code = p_code, error_message = p_message,
        receipt = jsonb_build_object('charged', v_price, 'refunded', v_price, 'net', 0),
        completed_at = darkroom.now()
    where id = p_job.id returning * into v_job;
  if v_price > 0 then
    insert into public.credit_ledger (user_id, job_id, kind, amount, balance_after, reference, reason)
      values (p_job.user_id, p_job.id, 'job_refund', v_price, 0, 'job:' || p_job.id || ':refund', p_code);
  end if;
  return v_job;
end
$function$
-- Ends a locked, unfinished job as failed or canceled and refunds it. Status and refund commit together.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.erase_user(p_user_id text, p_limit integer DEFAULT 2000)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_job public.image_generation_jobs;
  v_balance integer;
  v_canceled integer := 0;
begin
  -- The unfinished jobs by id, then the user. Rows that have ended are locked by nobody who wants a user.
  perform from public.image_generation_jobs
    where user_id = p_user_id and managed and status in ('pending', 'processing')
    order by id for no key update;
  for v_job in
    select * from public.image_generation_jobs
    where user_id = p_user_id and managed and status in ('pending', 'processing') order by id
  loop
    perform darkroom.end_job(v_job, 'canceled', 'canceled', 'Canceled.', 'the account was deleted', null);
    v_canceled := v_canceled + 1;
  end loop;

  select credits into v_balance from public.users where id = p_user_id for no key update;
  if v_balance <> 0 then
    insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
      values (p_user_id, 'adjustment', -v_balance, 0, 'erased:' || p_user_id || ':' || gen_random_uuid(), 'Account deleted');
  end if;
  update public.users set email = p_user_id || '@users.invalid', updated_at = darkroom.now()
    where id = p_user_id and email <> p_user_id || '@users.invalid';

  delete from public.custom_prompts where id in (
    select id from public.custom_prompts where user_id = p_user_id limit p_limit);
  delete from public.generated_images where id in (
    select id from public.generated_images where user_id = p_user_id limit p_limit);
  delete from public.image_generation_jobs where id in (
    select id from public.image_generation_jobs where user_id = p_user_id and not managed limit p_limit);
  delete from public.subscriptions where user_id = p_user_id;
  delete from public.idempotency_keys where user_id = p_user_id;
  delete from darkroom.identities where user_id = p_user_id;
  with named as (
    select id from public.image_generation_jobs j
    where user_id = p_user_id and completed_at is not null and darkroom.is_personal(j) limit p_limit
  ), silenced as (
    update public.job_runs set cause = null where job_id in (select id from named)
  )
  update public.image_generation_jobs
    set prompt = null, custom_prompt_id = null, input_image_key = null, metadata = null, thumbnail_url = null,
        output_image_url = case when output_image_url is not null then 'urn:darkroom:erased' end
    where id in (select id from named);

  return jsonb_build_object('canceled', v_canceled, 'left',
    exists (select from public.custom_prompts where user_id = p_user_id)
    or exists (select from public.generated_images where user_id = p_user_id)
    or exists (select from public.image_generation_jobs j
      where user_id = p_user_id and (not managed or completed_at is null or darkroom.is_personal(j))));
end
$function$
-- Removes what is personal, at most p_limit rows of a kind: cancels and refunds unfinished jobs, books the balance out, and leaves of the rest what money is accounted by. {canceled, left: whether there is more}. Safe to repeat.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.forget_webhooks()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  delete from public.webhook_deliveries where user_id = new.user_id;
  delete from public.job_webhooks w using public.image_generation_jobs j
    where j.id = w.job_id and j.user_id = new.user_id;
  return null;
end
$function$
-- A deleted user's addresses go with the user, and what was still to be sent to them.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.free_email(p_user_id text, p_email text)
 RETURNS text
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select case
    when p_email is null or p_email = '' or exists (select from public.users where email = p_email and id <> p_user_id)
      then p_user_id || '@users.invalid'
    else p_email end;
$function$
-- The address if nobody else has it, else the placeholder of this user: an address is never taken from another.
-- may be called by: anon, authenticated, service_role

CREATE OR REPLACE FUNCTION darkroom.guard_deleted()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if darkroom.is_deleted(new.user_id) then
    raise exception 'this account was deleted' using errcode = 'DR401';
  end if;
  return new;
end
$function$
-- Nothing new for a deleted account, by any door, while its last token still lives.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.guard_job()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if current_user in ('anon', 'authenticated')
    and ((tg_op <> 'DELETE' and new.managed) or (tg_op <> 'INSERT' and old.managed)) then
    raise exception 'this job is run by the server: create, cancel and retry it through the API'
      using errcode = '42501';
  end if;
  return coalesce(new, old);
end
$function$
-- No user's door makes, changes or removes a managed job.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.guard_topics()
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if to_regclass('realtime.messages') is null or to_regprocedure('realtime.topic()') is null then
    return false;
  end if;
  if exists (select from pg_catalog.pg_policies
      where schemaname = 'realtime' and tablename = 'messages' and policyname = 'darkroom_own_topic') then
    return true;
  end if;
  create policy darkroom_own_topic on realtime.messages for select to authenticated
    using (extension = 'broadcast' and (select realtime.topic()) = 'user:' || (select auth.jwt() ->> 'sub'));
  -- A live project may let everybody read every topic, or write to it: not to these.
  create policy darkroom_own_topic_only on realtime.messages as restrictive for select to anon, authenticated
    using (coalesce((select realtime.topic()), '') not like 'user:%'
      or coalesce((select realtime.topic()) = 'user:' || (select auth.jwt() ->> 'sub'), false));
  create policy darkroom_server_tells on realtime.messages as restrictive for insert to anon, authenticated
    with check (topic not like 'user:%' and coalesce((select realtime.topic()), '') not like 'user:%');
  return true;
end
$function$
-- Lets a signed-in user join the private topic user:<own id>, nobody another's, and no client write to any. False where Realtime has not made its tables yet: call it again once it has. Safe to repeat.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.guard_user()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if current_user not in ('anon', 'authenticated') then
    return new;
  end if;
  if tg_op = 'INSERT' then
    if darkroom.is_deleted(new.id) then
      raise exception 'this account was deleted' using errcode = '42501';
    end if;
    new.credits := least(greatest(new.credits, 0), 5);
    new.email := darkroom.free_email(new.id, auth.jwt() ->> 'email');
    return new;
  end if;
  if new.id <> old.id then
    raise exception 'a user''s id cannot be changed' using errcode = '42501';
  end if;
  if new.credits > old.credits then
    raise exception 'credits can be lowered by the app, never raised: % to %', old.credits, new.credits
      using errcode = '42501';
  end if;
  if new.credits < old.credits and new.credits < 0 then
    raise exception 'credits cannot fall below 0' using errcode = '42501';
  end if;
  new.email := old.email;
  return new;
end
$function$
-- What a user's own role may write of its row: lower credits to no less than 0; start with at most 5; no e-mail.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.is_claimed(p_job image_generation_jobs, p_attempt integer)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select p_job.id is not null and p_job.managed and p_job.status = 'processing' and p_job.attempt = p_attempt;
$function$
-- 
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.is_deleted(p_user_id text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (select from darkroom.tombstones where user_id = p_user_id);
$function$
-- 
-- may be called by: anon, authenticated, service_role

CREATE OR REPLACE FUNCTION darkroom.is_input(p_key text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select exists (select from public.image_generation_jobs
    where input_image_key = p_key and managed and status in ('pending', 'processing'));
$function$
-- Whether an unfinished job starts from this object.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.is_live(p_status text)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select lower(p_status) in ('active', 'trialing', 'past_due');
$function$
-- Whether a subscription of this status runs.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.is_personal(p_job image_generation_jobs)
 RETURNS boolean
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select p_job.prompt is not null or p_job.custom_prompt_id is not null or p_job.input_image_key is not null
    or p_job.metadata is not null or p_job.thumbnail_url is not null
    or coalesce(p_job.output_image_url, 'urn:darkroom:erased') <> 'urn:darkroom:erased';
$function$
-- Whether the job still says anything about a person.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.job_in_order(p_job image_generation_jobs)
 RETURNS json
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select row_to_json(shown) from (
    select p_job.id, p_job.user_id, p_job.status, p_job.progress, p_job.stage, p_job.version, p_job.prompt,
      p_job.custom_prompt_id, p_job.input_image_key, p_job.output_image_url, p_job.thumbnail_url, p_job.width, p_job.height,
      p_job.mime_type, p_job.model_requested, p_job.model, p_job.aspect_ratio, p_job.image_size, p_job.attempt,
      p_job.error_code, p_job.error_message, p_job.receipt, p_job.metadata, p_job.retry_of, p_job.created_at,
      p_job.started_at, p_job.updated_at, p_job.completed_at, p_job.deadline_at
  ) shown;
$function$
-- The fields of a job as every channel shows it, in the order of the contract.
-- may be called by: nobody else

CREATE OR REPLACE FUNCTION darkroom.job_object(p_job image_generation_jobs)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select to_jsonb(p_job) - 'managed';
$function$
-- The job as every channel shows it.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.keep_subscription(p_user_id text, p_customer text, p_subscription jsonb, p_event_at timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_best darkroom.stripe_subscriptions;
begin
  insert into darkroom.stripe_subscriptions as s
      (id, user_id, customer_id, status, price_id, current_period_end, event_at, event_rank)
    values (p_subscription ->> 'id', p_user_id, p_customer, p_subscription ->> 'status', p_subscription ->> 'price_id',
      (p_subscription ->> 'current_period_end')::timestamptz, p_event_at, (p_subscription ->> 'rank')::integer)
    on conflict (id) do update
      set user_id = excluded.user_id, customer_id = excluded.customer_id, status = excluded.status,
          price_id = excluded.price_id, current_period_end = excluded.current_period_end,
          event_at = excluded.event_at, event_rank = excluded.event_rank
      where (s.event_at, s.event_rank) <= (excluded.event_at, excluded.event_rank)
        -- A canceled subscription never comes back, whatever arrives later.
        and (s.status <> 'canceled' or excluded.status = 'canceled');
  if not found then
    return 'stale';
  end if;
  select * into v_best from darkroom.stripe_subscriptions where user_id = p_user_id
    order by darkroom.is_live(status) desc, event_at desc, event_rank desc, id limit 1;
  insert into public.subscriptions as s
      (user_id, status, stripe_customer_id, stripe_subscription_id, price_id, current_period_end, created_at, updated_at)
    values (p_user_id, v_best.status, v_best.customer_id, v_best.id, v_best.price_id, v_best.current_period_end,
      darkroom.now(), darkroom.now())
    on conflict (user_id) do update
      set status = excluded.status, stripe_customer_id = excluded.stripe_customer_id,
          stripe_subscription_id = excluded.stripe_subscription_id, price_id = excluded.price_id,
          current_period_end = excluded.current_period_end, updated_at = excluded.updated_at
      -- One that runs and that only the native app has written down is not replaced by the end of another.
      where darkroom.is_live(excluded.status) or not darkroom.is_live(s.status)
        or s.stripe_subscription_id is null
        or s.stripe_subscription_id in (select id from darkroom.stripe_subscriptions where user_id = p_user_id);
  return 'applied';
end
$function$
-- Notes a subscription's state unless a later one is known (stale), and shows the user's best one in public.subscriptions: one that runs, else the latest.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.keep_webhook()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.job_webhooks (job_id, url, events)
    select new.id, w.url, w.events
    from public.job_webhooks w
    join public.image_generation_jobs j on j.id = w.job_id and j.user_id = new.user_id
    where w.job_id = new.retry_of
    on conflict (job_id) do nothing;
  return null;
end
$function$
-- A retry of a job tells the same receiver as the job itself did.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.key_in(p_url text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select substring(p_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)');
$function$
-- The key of one of our objects in an address of it, whatever host the bucket is read at; null where there is none. Without a search_path of its own, so that the planner puts the expression in its place, which indexes hold.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.lock_waiting(p_deliveries jsonb)
 RETURNS uuid[]
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select array(
    select locked.job_id
    from (select job_id, delivery from jsonb_to_recordset(p_deliveries) as d (job_id uuid, delivery integer) order by job_id) d
    cross join lateral (
      select r.job_id from public.job_runs r
      where r.job_id = d.job_id and r.delivery = d.delivery and r.active and r.worker_id is null
      for no key update
    ) locked);
$function$
-- Locks the runs of these deliveries ([{job_id, delivery}]) that still wait, by id, and returns their jobs. One that a worker has claimed, or that a later one has replaced, is left out.
-- may be called by: nobody else

CREATE OR REPLACE FUNCTION darkroom.lose_worker(p_run job_runs)
 RETURNS integer
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_lost public.workers;
  v_losses integer;
begin
  select * into v_lost from public.workers where id = p_run.worker_id;
  update public.job_runs
    set worker_id = null, delivered_at = null, offered_at = null, run_at = least(run_at, darkroom.now()),
        losses = losses + case when v_lost.ended_at is null and exists (
          select from public.workers other
          where other.id <> v_lost.id and other.lease_expires_at > darkroom.now()
            and other.unbroken_since < v_lost.lease_expires_at
        ) then 1 else 0 end
    where job_id = p_run.job_id returning losses into v_losses;
  return v_losses;
end
$function$
-- Takes a locked run from a worker whose lease is over and returns how often the job has lost its worker. Counted only if another worker renewed its lease all the while: an outage of database or queue takes every lease and counts against no job.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.merge_calls(p_log jsonb, p_calls jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(entry order by (entry ->> 'call')::integer), '[]'::jsonb)
  from (
    select distinct on (entry ->> 'call') entry
    from (
      select entry, 1 as rank from jsonb_array_elements(coalesce(p_calls, '[]')) entry
      union all
      select entry, 2 from jsonb_array_elements(p_log) entry
    ) both_logs
    order by entry ->> 'call', rank
  ) latest;
$function$
-- The log of calls with what has become known of some of them, by call number.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.move_balance()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if pg_trigger_depth() > 1 then
    return null;
  end if;
  perform set_config('darkroom.moving', new.user_id, true);
  update public.users set credits = new.balance_after, updated_at = darkroom.now() where id = new.user_id;
  perform set_config('darkroom.moving', '', true);
  return null;
end
$function$
-- Applies the movement. After the insert and not before, so that a reference booked already moves nothing.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.note_event()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  insert into public.webhook_deliveries (job_id, user_id, type, url, snapshot, next_attempt_at, created_at)
    select new.id, new.user_id, 'job.' || new.status, w.url,
      case when new.status = 'processing' then darkroom.job_object(new) end, darkroom.now(), darkroom.now()
    from public.job_webhooks w
    where w.job_id = new.id and 'job.' || new.status = any (w.events)
    on conflict (job_id, type) do nothing;
  return null;
end
$function$
-- Every change of a managed job's status that its owner wants to hear of becomes a delivery in the same transaction, whoever made the change; each kind of event once a job.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.now()
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select pg_catalog.now()
    + coalesce(nullif(current_setting('darkroom.clock_offset', true), '')::interval, interval '0');
$function$
-- The one clock of all rules: the database's. Tests move it with the setting darkroom.clock_offset (an interval).
-- may be called by: anon, authenticated, service_role

CREATE OR REPLACE FUNCTION darkroom.payer(p_user_id text, p_customer text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select coalesce(
    (select id from public.users where id = p_user_id),
    (select user_id from darkroom.tombstones where user_id = p_user_id),
    (select user_id from darkroom.stripe_customers where customer_id = p_customer),
    (select user_id from public.subscriptions where stripe_customer_id = p_customer order by updated_at desc nulls last limit 1));
$function$
-- Who paid: the user that the event names, else the one whose customer it is; null when neither is known.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.plan_weight(p_user_id text)
 RETURNS integer
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select case when exists (
    select from public.subscriptions
    where user_id = p_user_id and lower(status) not in ('free', 'canceled', 'cancelled', 'unpaid', 'incomplete', 'incomplete_expired')
      and (current_period_end is null or current_period_end > darkroom.now())
  ) then 4 else 1 end;
$function$
-- How many jobs of this user count as one of a free user.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.priority_of(p_active integer, p_weight integer, p_age interval)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select greatest(1, least(2000000,
    1001 + (p_active * 100) / p_weight - (extract(epoch from p_age) / 6)::integer));
$function$
-- BullMQ priority, 1 first: 1001, and 100 for each active job of the user divided by the plan's weight, 10 off for each minute of waiting.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.priority_of(p_run job_runs, p_created_at timestamp with time zone)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select greatest(1, p_run.priority - (extract(epoch from p_run.run_at - p_created_at) / 6)::integer);
$function$
-- The priority of a delivery that is due at run_at: 10 off the row's for each minute since the job was made.
-- may be called by: nobody else

CREATE OR REPLACE FUNCTION darkroom.prompt_object(p_prompt custom_prompts)
 RETURNS json
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select json_build_object('id', p_prompt.id, 'prompt_text', p_prompt.prompt_text, 'title', p_prompt.title,
    'thumbnail_url', p_prompt.thumbnail_url, 'secondary_image_url', p_prompt.secondary_image_url,
    'created_at', p_prompt.created_at);
$function$
-- A saved prompt as its user sees it.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.put_back(p_job image_generation_jobs, p_delay interval, p_calls jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
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
$function$
-- Makes a claimed job pending again, due in p_delay, with a delivery of its own: {kind: retried, delivery, priority, delay_ms}. The caller holds the lock of the row.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.read_gauges()
 RETURNS jsonb
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  with clock as (
    select darkroom.now() as now
  ), up_to_date as (
    select counted_until from darkroom.operator_state where counted_until > darkroom.now() - interval '26 hours'
  ), totals as (
    select what, label, detail, sum(count) as count, sum(credits) as credits
    from (
      select t.what, t.label, t.detail, t.count, t.credits from up_to_date cross join darkroom.operator_totals t
      union all
      select t.what, t.label, t.detail, t.count, t.credits
        from up_to_date cross join lateral darkroom.totals_between(counted_until, 'infinity') t
    ) both_parts
    group by what, label, detail
  )
  select jsonb_build_object(
    'pending', (select count(*) from public.image_generation_jobs where managed and status = 'pending'),
    'processing', (select count(*) from public.image_generation_jobs where managed and status = 'processing'),
    'oldest_pending_s', (select greatest(0, extract(epoch from now - min(r.run_at)))
      from public.job_runs r where r.active and r.worker_id is null),
    'oldest_unfinished_s', (select greatest(0, extract(epoch from now - least(
      (select min(created_at) from public.image_generation_jobs where managed and status = 'pending'),
      (select min(created_at) from public.image_generation_jobs where managed and status = 'processing'))))),
    'overdue_s', (select greatest(0, extract(epoch from now - min(deadline_at)))
      from public.image_generation_jobs where managed and status in ('pending', 'processing')),
    'ended', (select coalesce(jsonb_agg(jsonb_build_array(label, detail, count) order by label, detail), '[]')
      from totals where what = 'ended'),
    'credits', (select coalesce(jsonb_agg(jsonb_build_array(label, detail, abs(credits)) order by label, detail), '[]')
      from totals where what = 'credits'),
    'refunds', (select coalesce(jsonb_agg(jsonb_build_array(label, count) order by label), '[]')
      from totals where what = 'refunds'),
    'unsettled_refunds', (select count(*)
      from public.image_generation_jobs j join public.job_runs r on r.job_id = j.id
      where j.managed and j.status in ('failed', 'canceled') and j.completed_at > now - interval '1 day' and r.price > 0
        and not exists (select from public.credit_ledger l where l.job_id = j.id and l.kind = 'job_refund')),
    'drift_credits', case when exists (select from up_to_date) then (select coalesce(sum(u.credits), 0) from public.users u)
      - (select coalesce(sum(credits), 0) from totals where what = 'credits') end,
    'webhook_lag_s', (select greatest(0, extract(epoch from now - least(
      (select min(next_attempt_at) from public.webhook_deliveries where status = 'pending' and attempts = 0),
      (select min(next_attempt_at) from public.webhook_deliveries where status = 'pending' and attempts > 0))))),
    'workers', (select count(*) from public.workers where ended_at is null and lease_expires_at > now))
  from clock;
$function$
-- The state of the system at this moment. Its cost grows with what is unfinished, with the last hours, and with the number of users; never with the jobs that have ended before. While the totals are more than a day behind, what is made of them is left out: ended, credits and refunds are empty, drift_credits is null.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.refuse_ledger_change()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  raise exception 'credit_ledger is append-only: book a new movement instead of changing one'
    using errcode = '42501';
end
$function$
-- 
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.replay(p_user_id text, p_key text, p_request_hash text)
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE
 SET search_path TO ''
AS $function$
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
$function$
-- 
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.request_trace()
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select substring(nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-darkroom-trace'
    from '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
$function$
-- The trace that the server's request names in its header x-darkroom-trace; null without one, and for anything that is none.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.retry_waiting(p_limit integer)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
declare
  v_event record;
begin
  -- By user, as everybody locks them.
  for v_event in
    select w.id, w.detail, darkroom.payer(w.detail ->> 'user_id', w.detail ->> 'customer') as user_id
    from public.webhook_events w
    where w.outcome = 'unknown_user' and w.received_at > darkroom.now() - interval '90 days'
      and darkroom.payer(w.detail ->> 'user_id', w.detail ->> 'customer') is not null
    order by user_id, w.created_at limit p_limit
  loop
    if pg_try_advisory_xact_lock(hashtextextended('stripe:' || coalesce(v_event.detail ->> 'customer', v_event.id), 0)) then
      perform darkroom.settle_waiting(v_event.id, v_event.detail);
    end if;
  end loop;
end
$function$
-- Lets events through whose user has become known. Whoever works on one is left alone.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.set_email(p_user_id text, p_email text, p_changed_at timestamp with time zone, p_default_credits integer)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  perform public.ensure_user(p_user_id, p_email, p_default_credits);
  insert into darkroom.identities as i (user_id, changed_at) values (p_user_id, p_changed_at)
    on conflict (user_id) do update set changed_at = excluded.changed_at where i.changed_at <= excluded.changed_at;
  if not found then
    return 'stale';
  end if;
  if coalesce(p_email, '') = '' then
    return 'applied';
  end if;
  if darkroom.free_email(p_user_id, p_email) <> p_email then
    return 'email_taken';
  end if;
  update public.users set email = p_email, updated_at = darkroom.now() where id = p_user_id and email <> p_email;
  return 'applied';
exception when unique_violation then
  return 'email_taken';
end
$function$
-- Gives the user this address: applied, stale when a later state is known, email_taken when another has it. No address leaves the one there is.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.settle_waiting(p_id text, p_event jsonb)
 RETURNS void
 LANGUAGE sql
 SET search_path TO ''
AS $function$
  update public.webhook_events w
    set outcome = r.result ->> 'outcome', user_id = r.result ->> 'user_id', note = r.result ->> 'note'
    from (select darkroom.apply_stripe(p_event) as result) r
    where w.source = 'stripe' and w.id = p_id;
$function$
-- Does what an event that waited for its user was to do.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.take_balance()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  -- Within a trigger of users: the balance has moved already, the row only records it.
  if pg_trigger_depth() > 1 then
    return new;
  end if;
  select credits + new.amount into new.balance_after
    from public.users where id = new.user_id for no key update;
  if not found then
    raise exception 'there is no user %', new.user_id using errcode = 'DR404';
  end if;
  if new.amount < 0 and new.balance_after < 0 then
    raise exception 'not enough credits' using errcode = 'DR402',
      detail = jsonb_build_object('balance', new.balance_after - new.amount, 'price', -new.amount)::text;
  end if;
  return new;
end
$function$
-- Locks the user and works out the balance; refuses what would lower it below 0.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.tell_credits()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform darkroom.tell_user(new.id, 'credits', jsonb_build_object('credits', new.credits));
  return null;
end
$function$
-- Every new balance is one message {credits} to its user.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.tell_job()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform darkroom.tell_user(new.user_id, 'job', jsonb_build_object('job', darkroom.job_object(new)));
  return null;
end
$function$
-- Every version of a managed job is one message {job} to its user.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.tell_user(p_user_id text, p_event text, p_payload jsonb)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is not null then
    perform realtime.send(p_payload, p_event, 'user:' || p_user_id, true);
  end if;
exception when others then
  raise warning 'user:% was not told of %: %', p_user_id, p_event, sqlerrm;
end
$function$
-- Sends a message on the private topic user:<id>, if this database has Realtime. Never fails the write that it tells of.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.totals_between(p_from timestamp with time zone, p_until timestamp with time zone)
 RETURNS TABLE(what text, label text, detail text, count bigint, credits bigint)
 LANGUAGE sql
 STABLE
 SET search_path TO ''
AS $function$
  select 'ended', status, coalesce(error_code, 'none'), count(*), 0::bigint
    from public.image_generation_jobs
    where managed and completed_at is not null and completed_at >= p_from and completed_at < p_until
    group by 2, 3
  union all
  select 'credits', kind, case when amount > 0 then 'in' else 'out' end, count(*), sum(amount)
    from public.credit_ledger where created_at >= p_from and created_at < p_until
    group by 2, 3
  union all
  select 'refunds', coalesce(reason, 'none'), '', count(*), sum(amount)
    from public.credit_ledger where kind = 'job_refund' and created_at >= p_from and created_at < p_until
    group by 2;
$function$
-- How many jobs ended, by status and code, and what was booked, by kind and direction, from p_from until before p_until.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.touch_job()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO ''
AS $function$
begin
  if new is distinct from old then
    new.version := old.version + 1;
    if new.managed then
      new.updated_at := darkroom.now();
    end if;
  end if;
  return new;
end
$function$
-- Every change of a job raises its version by one; nothing else can set it.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION darkroom.unpaid_calls(p_calls jsonb)
 RETURNS integer
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO ''
AS $function$
  select count(*)::integer from jsonb_array_elements(coalesce(p_calls, '[]')) entry
  where entry ->> 'code' in ('rate_limited', 'model_unavailable', 'provider_misconfigured');
$function$
-- Calls that the service turned away at the door: nobody pays for them, so a job that waits for its turn does not spend its budget.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.adopt_queue_epoch(p_epoch text)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_first boolean;
begin
  if (select epoch from darkroom.queue_epoch) = p_epoch then
    return false;
  end if;
  insert into darkroom.queue_epoch (epoch) values (p_epoch) on conflict do nothing;
  v_first := found;
  if not v_first then
    update darkroom.queue_epoch set epoch = p_epoch where epoch <> p_epoch;
    if not found then
      return false;
    end if;
  end if;
  with waiting as (
    select job_id from public.job_runs where active and worker_id is null and delivered_at is not null
    order by job_id for no key update
  )
  update public.job_runs r set delivered_at = null, offered_at = null from waiting where r.job_id = waiting.job_id;
  return not v_first;
end
$function$
-- Compares the queue's mark with the one last seen. A new one means that the queue was emptied: every waiting job is due for delivery again. True when an earlier mark was replaced. Safe to repeat and to race.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.audit_rows(p_limit integer DEFAULT 1000)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
 SET statement_timeout TO '60s'
AS $function$
  select coalesce(jsonb_agg(to_jsonb(found)), '[]')
  from (select * from public.credit_audit limit greatest(p_limit, 0)) found;
$function$
-- Rows of credit_audit, at most p_limit: [{scope, id, user_id, problem, expected, actual}]. Reads all that was ever booked, and may take a minute: the Data API grants a function the time that it asks for.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.begin_model_call(p_job_id uuid, p_attempt integer, p_model text, p_max_calls integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_job public.image_generation_jobs;
  v_call integer;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return null;
  end if;
  update public.job_runs
    set model_calls = model_calls + 1,
        attempts_log = attempts_log || jsonb_build_object('call', jsonb_array_length(attempts_log) + 1,
          'attempt', p_attempt, 'model', p_model, 'code', null, 'ms', null)
    where job_id = p_job_id and model_calls < p_max_calls
    returning jsonb_array_length(attempts_log) into v_call;
  return coalesce(v_call, 0);
end
$function$
-- Counts a call before it is sent, as if it were paid for, and returns its number; 0 when the job has had p_max_calls, null when the claim was lost. A repeat after a lost answer counts twice, never too little.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.cancel_due(p_limit integer DEFAULT 500)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- Cancels and refunds what has not ended within the time its client gave it, oldest first, at most 100 a call, waiting for nobody: [{job_id, user_id}]. Whoever works on one can write nothing more. Safe to repeat and to race.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.cancel_job(p_job_id uuid, p_user_id text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not found or not v_job.managed or v_job.user_id <> coalesce(p_user_id, v_job.user_id) then
    raise exception 'no such job' using errcode = 'DR404';
  end if;
  if v_job.status not in ('pending', 'processing') then
    raise exception 'the job has already ended: %', v_job.status using errcode = 'DR409',
      detail = jsonb_build_object('status', v_job.status, 'job', darkroom.job_object(v_job))::text;
  end if;
  v_job := darkroom.end_job(v_job, 'canceled', 'canceled', 'Canceled.', 'canceled by ' || coalesce(p_user_id, 'operator'), null);
  return darkroom.job_object(v_job);
end
$function$
-- Cancels and refunds at any stage in one transaction and returns the job; whoever works on it can write nothing more. p_user_id null is the operator. Raises DR404 for another's, DR409 for an ended job.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.claim_job(p_job_id uuid, p_worker_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_now timestamptz := darkroom.now();
  v_job public.image_generation_jobs;
  v_run public.job_runs;
  v_lease timestamptz;
begin
  if not exists (select from public.workers where id = p_worker_id and lease_expires_at > v_now) then
    raise exception 'this worker holds no lease: heartbeat first' using errcode = 'DR403';
  end if;
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not found or not v_job.managed or v_job.status not in ('pending', 'processing') then
    return jsonb_build_object('kind', 'drop');
  end if;
  if v_job.deadline_at <= v_now then
    perform darkroom.end_job(v_job, 'failed', 'deadline_exceeded', 'The image was not ready in time.', 'claimed after the deadline', null);
    return jsonb_build_object('kind', 'drop');
  end if;
  select * into v_run from public.job_runs where job_id = p_job_id;

  if v_run.worker_id = p_worker_id then
    return jsonb_build_object('kind', 'drop');
  end if;
  if v_run.worker_id is not null then
    -- A heartbeat of the holder comes wholly before or wholly after: what it kept is not taken, what it freed is read anew.
    select lease_expires_at into v_lease from public.workers where id = v_run.worker_id for share;
    select * into v_run from public.job_runs where job_id = p_job_id;
  end if;
  if v_run.worker_id is not null then
    if v_lease > v_now then
      return jsonb_build_object('kind', 'drop');
    end if;
    if darkroom.lose_worker(v_run) >= 3 then
      perform darkroom.end_job(v_job, 'failed', 'worker_crashed', 'The image could not be made.', 'lost its worker 3 times', null);
      return jsonb_build_object('kind', 'drop');
    end if;
    select * into v_run from public.job_runs where job_id = p_job_id;
  end if;
  if v_run.run_at > v_now then
    return jsonb_build_object('kind', 'later', 'delay_ms', ceil(extract(epoch from v_run.run_at - v_now) * 1000));
  end if;
  -- Jobs that have lost two workers run one at a time in a process, so that the one to blame is found and no other.
  if v_run.losses > 1 then
    -- Two claims of one worker do not overlook each other.
    perform from public.workers where id = p_worker_id for no key update;
  end if;
  if v_run.losses > 1 and exists (
    select from public.job_runs where worker_id = p_worker_id and active and losses > 1
  ) then
    return jsonb_build_object('kind', 'later', 'delay_ms', 2000);
  end if;

  update public.job_runs
    set attempt = v_job.attempt + 1, worker_id = p_worker_id, claimed_at = v_now, delivered_at = null, offered_at = null
    where job_id = p_job_id returning * into v_run;
  update public.image_generation_jobs
    set status = 'processing', stage = 'starting', attempt = v_run.attempt,
        progress = greatest(progress, 1), started_at = coalesce(started_at, v_now)
    where id = p_job_id returning * into v_job;
  return jsonb_build_object('kind', 'claimed', 'job', darkroom.job_object(v_job), 'attempt', v_run.attempt,
    'fallback', v_run.fallback, 'price', v_run.price, 'counted_retries', v_run.counted_retries,
    'past_failures', to_jsonb(v_run.past_failures), 'model_calls', v_run.model_calls,
    'deadline_in_ms', floor(extract(epoch from v_job.deadline_at - v_now) * 1000));
end
$function$
-- Gives the job to this worker under a new attempt, if it is due and nobody with a live lease has it: {kind: claimed, job, attempt, …}. Else {kind: later, delay_ms} when it is not due yet, {kind: drop} when there is nothing to do. Ends a job past its deadline, or one that lost its worker 3 times, with its refund. Raises DR403 when the worker's own lease is over. At most one worker holds a job at any time.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.claim_webhooks(p_limit integer, p_again integer, p_per_host integer, p_busy jsonb DEFAULT '{}'::jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- Gives out at most p_limit deliveries that are due, oldest first: at most p_again that were tried before, and to no host more than p_per_host, those of p_busy ({host: number in hand}) included. Each comes under a new attempt and is nobody else's for 30 s; unless settle_webhook says more by then, it is due again. Waits for no lock.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.complete_job(p_job_id uuid, p_attempt integer, p_picture jsonb, p_served_price integer, p_calls jsonb DEFAULT NULL::jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_job public.image_generation_jobs;
  v_price integer;
  v_refund integer;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if v_job.managed and v_job.status = 'completed' and v_job.attempt = p_attempt then
    return true;
  end if;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return false;
  end if;
  update public.job_runs
    set active = false, worker_id = null, delivered_at = null, attempts_log = darkroom.merge_calls(attempts_log, p_calls)
    where job_id = p_job_id returning price into v_price;
  v_refund := greatest(v_price - greatest(p_served_price, 0), 0);
  update public.image_generation_jobs
    set status = 'completed', stage = 'done', progress = 100,
        output_image_url = p_picture ->> 'image_url', thumbnail_url = p_picture ->> 'thumbnail_url',
        width = (p_picture ->> 'width')::integer, height = (p_picture ->> 'height')::integer,
        mime_type = p_picture ->> 'mime_type', model = p_picture ->> 'model',
        error_code = null, error_message = null, completed_at = darkroom.now(),
        receipt = jsonb_build_object('charged', v_price, 'refunded', v_refund, 'net', v_price - v_refund)
    where id = p_job_id;
  insert into public.generated_images (user_id, image_url, prompt, job_id, object_key, thumbnail_key, thumbnail_url,
      sha256, width, height, model, created_at)
    values (v_job.user_id, p_picture ->> 'image_url', v_job.prompt, p_job_id, p_picture ->> 'object_key',
      p_picture ->> 'thumbnail_key', p_picture ->> 'thumbnail_url', p_picture ->> 'sha256',
      (p_picture ->> 'width')::integer, (p_picture ->> 'height')::integer, p_picture ->> 'model', darkroom.now());
  if v_refund > 0 then
    insert into public.credit_ledger (user_id, job_id, kind, amount, balance_after, reference, reason)
      values (v_job.user_id, p_job_id, 'price_difference', v_refund, 0, 'job:' || p_job_id || ':difference',
        'Served by ' || coalesce(p_picture ->> 'model', 'another model'));
  end if;
  return true;
end
$function$
-- Image, status, receipt and the refund of a price difference in one transaction; never charges above the quote. False when the claim was lost: nothing was written, the caller deletes its objects. Safe to repeat.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.confirm_removed(p_keys text[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  delete from darkroom.object_removals where key = any (p_keys);
$function$
-- Notes that these objects are gone from the store. Safe to repeat.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.continue_erasure(p_user_id text, p_objects_left boolean)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_now timestamptz := darkroom.now();
  v_last timestamptz;
  v_left boolean;
begin
  -- The last look is later than any run and any signed upload of the account can have lasted.
  select deleted_at + interval '20 minutes' into v_last from darkroom.tombstones where user_id = p_user_id;
  if not found then
    raise exception 'this account was not deleted: %', p_user_id using errcode = 'DR404';
  end if;
  v_left := (darkroom.erase_user(p_user_id) ->> 'left')::boolean or p_objects_left;
  update darkroom.tombstones
    set due_at = case when v_left then v_now when v_now < v_last then v_last end
    where user_id = p_user_id;
  return not v_left and v_now >= v_last;
end
$function$
-- Another step of an account's erasure, after its objects were removed as far as p_objects_left says. True when nothing can be left: the last look comes 20 minutes after the deletion. Safe to repeat. Raises DR404 for an account that was not deleted.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.create_job(p_user_id text, p_input jsonb, p_price integer, p_idempotency_key text, p_request_hash text, p_email text DEFAULT NULL::text, p_default_credits integer DEFAULT 5, p_max_active_jobs integer DEFAULT 10, p_deadline_ms integer DEFAULT 600000)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- Makes the user at first sight, then one job, its debit and its key, in one transaction; or returns the job that the same key made (replayed). Never two jobs for one key, never a debit without a job, never a balance below 0. With cancel_after_ms in p_input the job is canceled and refunded once that time has passed; a replay does not move it. Raises DR401 deleted user, DR402 not enough credits, DR422 key reused, DR423 no such saved prompt, DR429 too many active jobs, DR400 bad argument; then nothing is written.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.create_job_with_webhook(p_webhook jsonb, p_user_id text, p_input jsonb, p_price integer, p_idempotency_key text, p_request_hash text, p_email text DEFAULT NULL::text, p_default_credits integer DEFAULT 5, p_max_active_jobs integer DEFAULT 10, p_deadline_ms integer DEFAULT 600000)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- create_job, and in the same transaction where to tell of it: p_webhook is {url, events}. No event of the job can be missed. A replay changes nothing.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.delete_image(p_user_id text, p_image_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_image public.generated_images;
  v_keys text[];
begin
  delete from public.generated_images where id = p_image_id and user_id = p_user_id returning * into v_image;
  if not found then
    return null;
  end if;
  v_keys := array_remove(array[v_image.object_key, v_image.thumbnail_key], null);
  update public.custom_prompts
    set thumbnail_url = case when darkroom.key_in(thumbnail_url) = any (v_keys) then null else thumbnail_url end,
        secondary_image_url = case when darkroom.key_in(secondary_image_url) = any (v_keys) then null else secondary_image_url end
    where user_id = p_user_id
      and (darkroom.key_in(thumbnail_url) = any (v_keys) or darkroom.key_in(secondary_image_url) = any (v_keys));
  insert into darkroom.object_removals (key, due_at)
    select key, darkroom.now() + interval '30 seconds' from unnest(v_keys) key
    on conflict do nothing;
  return coalesce((select jsonb_agg(key) from unnest(v_keys) key where not darkroom.is_input(key)), '[]');
end
$function$
-- Removes an image of this user and returns the keys of its objects, to be removed from the store now and confirmed with confirm_removed; what is not is left to take_cleaning. Prompts that show it show nothing; the job that made it stays. Null when the user has no such image.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.delete_prompt(p_prompt_id uuid, p_user_id text)
 RETURNS boolean
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with gone as (delete from public.custom_prompts where id = p_prompt_id and user_id = p_user_id returning id)
  select exists (select from gone);
$function$
-- Removes a saved prompt; jobs that were made with it keep its text. False when this user has no such prompt.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.delete_user(p_user_id text)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_subscription text := (select stripe_subscription_id from public.subscriptions
    where user_id = p_user_id and darkroom.is_live(status));
begin
  if coalesce(p_user_id, '') = '' then
    raise exception 'p_user_id is empty' using errcode = 'DR400';
  end if;
  insert into darkroom.tombstones (user_id, deleted_at, due_at) values (p_user_id, darkroom.now(), darkroom.now())
    on conflict do nothing;
  return darkroom.erase_user(p_user_id) || jsonb_build_object('live_subscription', v_subscription);
end
$function$
-- Deletes an account for good: {canceled, left, live_subscription}. The id, the ledger and what jobs cost stay; e-mail, prompts, images and their addresses go, unfinished jobs are canceled and refunded, the balance is booked out. Its objects, and what was too much for one call, follow through take_cleaning. Safe to repeat, and before the user was ever seen.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.end_orphan_turn(p_after text)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update darkroom.orphan_round
    set after_key = p_after,
        due_at = darkroom.now() + case when p_after is null then interval '1 hour' else interval '1 minute' end;
$function$
-- Ends a turn of the search for orphans: the next goes on after this key in a minute, or begins anew in an hour when p_after is null.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.end_worker(p_worker_id uuid)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update public.workers set lease_expires_at = darkroom.now(), ended_at = darkroom.now() where id = p_worker_id;
$function$
-- Gives the lease up at once. What was still claimed under it is delivered anew and counts as no loss.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.ensure_user(p_user_id text, p_email text DEFAULT NULL::text, p_default_credits integer DEFAULT 5)
 RETURNS users
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user public.users;
  v_made boolean;
begin
  if coalesce(p_user_id, '') = '' then
    raise exception 'p_user_id is empty' using errcode = 'DR400';
  end if;
  loop
    if darkroom.is_deleted(p_user_id) then
      raise exception 'this account was deleted' using errcode = 'DR401';
    end if;
    select * into v_user from public.users where id = p_user_id;
    exit when found;
    -- Whoever else makes this user, or takes this address, at the same moment: the loop looks again.
    insert into public.users (id, email, credits, created_at, updated_at)
      values (p_user_id, darkroom.free_email(p_user_id, p_email), 0, darkroom.now(), darkroom.now())
      on conflict do nothing;
    v_made := found;
    if v_made and p_default_credits > 0 then
      insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
        values (p_user_id, 'signup', p_default_credits, 0, 'signup:' || p_user_id, 'Welcome credits')
        on conflict (reference) do nothing;
    end if;
  end loop;
  if v_user.email = p_user_id || '@users.invalid' and darkroom.free_email(p_user_id, p_email) <> v_user.email then
    begin
      update public.users set email = p_email, updated_at = darkroom.now() where id = p_user_id returning * into v_user;
    exception when unique_violation then null;
    end;
  end if;
  return v_user;
end
$function$
-- The user, made at first sight with p_default_credits. Fills in the e-mail while there is only the placeholder; an address that another user has is not taken. Raises DR401 for a deleted user. Safe to repeat.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.fail_job(p_job_id uuid, p_attempt integer, p_code text, p_message text, p_cause text DEFAULT NULL::text, p_calls jsonb DEFAULT NULL::jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if v_job.managed and v_job.status = 'failed' and v_job.attempt = p_attempt then
    return true;
  end if;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return false;
  end if;
  perform darkroom.end_job(v_job, 'failed', p_code, p_message, p_cause, p_calls);
  return true;
end
$function$
-- Fails and refunds in one transaction, once. False when the claim was lost: nothing was written. Safe to repeat.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.find_orphans(p_objects jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(o.key order by o.key), '[]')
  from jsonb_to_recordset(p_objects) as o (key text, modified_at timestamptz)
  cross join lateral (
    select substring(o.key from '^users/[A-Za-z0-9_~-]+/jobs/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/[0-9]+-[A-Za-z0-9_-]+\.[a-z]+$')::uuid as job_id
  ) made
  where o.modified_at < darkroom.now() - interval '1 day'
    and (made.job_id is not null or o.key ~ '^users/[A-Za-z0-9_~-]+/uploads/[A-Za-z0-9_-]+\.[a-z]+$')
    and not exists (select from public.image_generation_jobs j
      where j.id = made.job_id and j.managed and j.status in ('pending', 'processing'))
    and not exists (select from public.generated_images i where i.object_key = o.key)
    and not exists (select from public.generated_images i where i.thumbnail_key = o.key)
    and not exists (select from public.generated_images i where darkroom.key_in(i.image_url) = o.key)
    and not exists (select from public.image_generation_jobs j where j.input_image_key = o.key)
    and not exists (select from public.image_generation_jobs j
      where not j.managed and darkroom.key_in(j.output_image_url) = o.key)
    and not exists (select from public.custom_prompts p where darkroom.key_in(p.thumbnail_url) = o.key)
    and not exists (select from public.custom_prompts p where darkroom.key_in(p.secondary_image_url) = o.key);
$function$
-- Of these objects ([{key, modified_at}]) the keys that may be removed: a day old, of the shape that only this product writes, and named by no row, neither by key nor by address, nor of a job that is still running. Any other object in the bucket is left alone.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.get_image(p_image_id uuid, p_user_id text)
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select row_to_json(found) from (
    select id, image_url, thumbnail_url, prompt, job_id, width, height, model, created_at, object_key, thumbnail_key
    from public.generated_images where id = p_image_id and user_id = p_user_id
  ) found;
$function$
-- This image of this user, with its keys in the store; null for another's and for one that is not there.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.get_job(p_job_id uuid, p_user_id text)
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select darkroom.job_in_order(j) from public.image_generation_jobs j where id = p_job_id and user_id = p_user_id;
$function$
-- This job of this user as every channel shows it; null for another's and for one that is not there.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.get_prompt(p_prompt_id uuid, p_user_id text)
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select darkroom.prompt_object(p) from public.custom_prompts p where id = p_prompt_id and user_id = p_user_id;
$function$
-- This saved prompt of this user; null for another's and for one that is not there.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.get_subscription(p_user_id text)
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select json_build_object('status', status, 'price_id', price_id, 'current_period_end', current_period_end)
    from public.subscriptions where user_id = p_user_id limit 1;
$function$
-- This user's subscription {status, price_id, current_period_end}, or null.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.grant_credits(p_user_id text, p_amount integer, p_reference text, p_reason text)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_balance integer;
begin
  if p_amount is null or p_amount <= 0 then
    raise exception 'p_amount must be above 0, not %', p_amount using errcode = 'DR400';
  end if;
  if coalesce(p_reference, '') = '' then
    raise exception 'p_reference is empty: it keeps a grant from being booked twice' using errcode = 'DR400';
  end if;
  select credits into v_balance from public.users where id = p_user_id for no key update;
  if not found then
    raise exception 'there is no user %', p_user_id using errcode = 'DR404';
  end if;
  insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
    values (p_user_id, 'grant', p_amount, 0, 'grant:' || p_reference, p_reason)
    on conflict (reference) do nothing;
  return (select credits from public.users where id = p_user_id);
end
$function$
-- Adds credits once per reference and returns the balance. Repeating a reference changes nothing.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.has_prompts(p_user_id text, p_count integer)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select exists (
    select from public.custom_prompts where user_id = p_user_id
    order by created_at desc, id desc offset greatest(p_count, 1) - 1 limit 1);
$function$
-- Whether this user has saved at least p_count prompts. Reads no more of them than that.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.heartbeat(p_worker_id uuid, p_jobs jsonb DEFAULT '[]'::jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_now timestamptz := darkroom.now();
  v_lease interval := interval '30 seconds';
  v_since timestamptz;
begin
  insert into public.workers as w (id, started_at, lease_expires_at, unbroken_since)
    values (p_worker_id, v_now, v_now + v_lease, v_now)
    on conflict (id) do update
      set unbroken_since = case when w.lease_expires_at < v_now then v_now else w.unbroken_since end,
          lease_expires_at = v_now + v_lease, ended_at = null
    returning unbroken_since into v_since;

  -- What this worker holds without knowing: it gave up when its lease was over, or the answer to its claim was lost.
  with forgotten as (
    select r.job_id from public.job_runs r
    where r.active and r.worker_id = p_worker_id
      and (r.claimed_at < v_since or r.claimed_at < v_now - interval '10 seconds')
      and not exists (
        select from jsonb_to_recordset(p_jobs) as mine (job_id uuid, attempt integer)
        where mine.job_id = r.job_id and mine.attempt = r.attempt)
    order by r.job_id for no key update of r
  )
  update public.job_runs r
    set worker_id = null, delivered_at = null, offered_at = null, run_at = least(run_at, v_now)
    from forgotten where r.job_id = forgotten.job_id;

  return jsonb_build_object(
    'lease_ms', extract(epoch from v_lease) * 1000,
    'lost', coalesce((
      select jsonb_agg(jsonb_build_object('job_id', mine.job_id, 'attempt', mine.attempt))
      from jsonb_to_recordset(p_jobs) as mine (job_id uuid, attempt integer)
      where not exists (
        select from public.job_runs r
        where r.job_id = mine.job_id and r.active and r.worker_id = p_worker_id and r.attempt = mine.attempt)
    ), '[]'));
end
$function$
-- Renews the worker's lease for 30 s by the database's clock, and with it that of all its jobs, by one row. p_jobs is [{job_id, attempt}], all that it runs: returns {lease_ms, lost: those that are no longer its own}, and takes back what it holds and does not name. Touches no published row.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.is_user_deleted(p_user_id text)
 RETURNS boolean
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select darkroom.is_deleted(p_user_id);
$function$
-- Whether this account was deleted; one look into one index.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.job_input(p_job_id uuid, p_user_id text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('status', j.status, 'prompt', j.prompt,
    'custom_prompt_id', (select c.id from public.custom_prompts c
      where c.id = j.custom_prompt_id and c.user_id = j.user_id and c.prompt_text = j.prompt),
    'input_image_key', j.input_image_key, 'aspect_ratio', j.aspect_ratio, 'image_size', j.image_size,
    'model_requested', j.model_requested, 'fallback', r.fallback, 'metadata', j.metadata)
  from public.image_generation_jobs j join public.job_runs r on r.job_id = j.id
  where j.id = p_job_id and j.user_id = p_user_id and j.managed;
$function$
-- What this user's managed job was asked to make, with its status; null for another's. custom_prompt_id only while that prompt still says the same.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.job_traces(p_jobs jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_object_agg(r.job_id, r.traceparent), '{}')
  from public.job_runs r
  where r.job_id in (select id::uuid from jsonb_array_elements_text(p_jobs) as named (id)) and r.traceparent is not null;
$function$
-- By job id, of these jobs ([id]): the trace each was made in. Those without one are left out.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.list_changes(p_jobs jsonb DEFAULT '[]'::jsonb, p_users jsonb DEFAULT '[]'::jsonb)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- All that whoever follows these jobs ([{id, version}]) and users ([{id, since, resumed_from}]) has not seen: {now, jobs, gone, balances}. Of a job: its row if it is newer than that version; of a user, apart from jobs that are named: what is unfinished, what was made since, and what ended since resumed_from if no run takes longer than a day; at most the latest 500 of each. A transaction counts from its beginning, so times are taken 15 s earlier than named: a job may come again, none is left out. gone are the named jobs that are no more; balances are the credits, {user_id: credits}, of those whose jobs have ended.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.list_delivered(p_limit integer DEFAULT 500)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(jsonb_agg(jsonb_build_object('job_id', job_id, 'delivery', delivery)), '[]')
  from (
    select job_id, delivery from public.job_runs
    where active and worker_id is null and delivered_at < darkroom.now() - interval '1 minute'
    order by delivered_at limit p_limit
  ) longest_unseen;
$function$
-- Deliveries the queue should hold that nobody has looked for within a minute, longest first. Confirming one sends it to the end of the line, so that every one gets its turn.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.list_deliveries(p_job_id uuid, p_user_id text)
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(json_agg(found), '[]') from (
    select id, type, url, status, attempts, next_attempt_at, last_status, last_error, created_at, delivered_at
    from public.webhook_deliveries where job_id = p_job_id and user_id = p_user_id
    order by created_at, id
  ) found;
$function$
-- The webhooks of this job of this user, in the order their events happened.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.list_images(p_user_id text, p_limit integer, p_before timestamp with time zone DEFAULT NULL::timestamp with time zone, p_before_id uuid DEFAULT NULL::uuid)
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(json_agg(found), '[]') from (
    select id, image_url, thumbnail_url, prompt, job_id, width, height, model, created_at
    from public.generated_images
    where user_id = p_user_id
      and (created_at, id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    order by created_at desc, id desc limit p_limit
  ) found;
$function$
-- At most p_limit images of this user, newest first, paged as list_jobs is.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.list_jobs(p_user_id text, p_limit integer, p_status text DEFAULT NULL::text, p_before timestamp with time zone DEFAULT NULL::timestamp with time zone, p_before_id uuid DEFAULT NULL::uuid)
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(json_agg(darkroom.job_in_order(found.j)), '[]') from (
    select j from public.image_generation_jobs j
    where user_id = p_user_id and (p_status is null or status = p_status)
      and (created_at, id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    order by created_at desc, id desc limit p_limit
  ) found;
$function$
-- At most p_limit jobs of this user, newest first, all or of one status, from after the one of p_before and p_before_id. A page cannot miss or repeat a row, whatever is made meanwhile.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.list_ledger(p_user_id text, p_limit integer, p_before bigint DEFAULT NULL::bigint)
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(json_agg(found), '[]') from (
    select id, job_id, kind, amount, balance_after, reference, reason, created_at
    from public.credit_ledger
    where user_id = p_user_id and id < coalesce(p_before, 9223372036854775807)
    order by id desc limit p_limit
  ) found;
$function$
-- At most p_limit movements of this user's credits, newest first, from after the one of p_before.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.list_prompts(p_user_id text, p_limit integer, p_before timestamp with time zone DEFAULT NULL::timestamp with time zone, p_before_id uuid DEFAULT NULL::uuid)
 RETURNS json
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select coalesce(json_agg(found.prompt), '[]') from (
    select darkroom.prompt_object(p) as prompt
    from public.custom_prompts p
    where user_id = p_user_id
      and (created_at, id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    order by created_at desc, id desc limit p_limit
  ) found;
$function$
-- At most p_limit saved prompts of this user, newest first, paged as list_jobs is.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.mark_delivered(p_deliveries jsonb)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update public.job_runs set delivered_at = darkroom.now()
  where job_id = any ((select darkroom.lock_waiting(p_deliveries))::uuid[]);
$function$
-- Notes that the queue holds these deliveries ([{job_id, delivery}]). One that a worker has claimed, or that a later one has replaced, is left alone.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.mark_undelivered(p_deliveries jsonb)
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update public.job_runs set delivered_at = null, offered_at = null
  where job_id = any ((select darkroom.lock_waiting(p_deliveries))::uuid[]);
$function$
-- Notes that the queue has not got these deliveries: the next sweep makes them anew.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.model_health()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- By model, from the calls of at most 500 jobs that ended within 10 minutes and those running: {median_ms of the calls that gave an image, latest: codes of the last three, newest first}. A model that was not called is not in it.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.operator_audit()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
 SET statement_timeout TO '60s'
AS $function$
declare
  v_problems integer := (select count(*) from public.credit_audit);
begin
  update darkroom.operator_state set audit_problems = v_problems, audited_at = darkroom.now();
  return v_problems;
end
$function$
-- Counts the rows of credit_audit and keeps the number for operator_gauges. Reads all that was ever booked, and may take a minute: the Data API grants a function the time that it asks for.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.operator_gauges()
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_now timestamptz := darkroom.now();
  v_state darkroom.operator_state;
  v_turn boolean;
  v_take_audit boolean;
begin
  select * into v_state from darkroom.operator_state;
  if v_state.read_at is null or v_state.read_at not between v_now - interval '10 seconds' and v_now then
    perform from darkroom.operator_state for update skip locked;
    v_turn := found;
    -- Of those who wait for the same reading one makes it, and the others are content with the last.
    if v_turn or v_state.reading is null then
      if v_turn then
        perform darkroom.advance_totals();
      end if;
      v_state.reading := darkroom.read_gauges();
      v_state.read_at := v_now;
    end if;
    if v_turn then
      select * into v_state.audited_at, v_state.audit_problems, v_state.audit_taken_at
        from (select audited_at, audit_problems, audit_taken_at from darkroom.operator_state) latest;
      v_take_audit := v_state.audit_taken_at is null or v_state.audit_taken_at < v_now - interval '15 minutes';
      update darkroom.operator_state
        set reading = v_state.reading, read_at = v_now,
            audit_taken_at = case when v_take_audit then v_now else audit_taken_at end;
    end if;
  end if;
  return v_state.reading || jsonb_build_object(
    'reading_age_s', greatest(0, extract(epoch from v_now - v_state.read_at)),
    'audit_problems', v_state.audit_problems,
    'audit_age_s', extract(epoch from v_now - v_state.audited_at),
    'audit_is_yours', coalesce(v_take_audit, false));
end
$function$
-- The state of the system for operators: {pending, processing, oldest_pending_s, oldest_unfinished_s, overdue_s, ended [[status, code, n]], credits [[kind, in|out, credits]], refunds [[code, n]], unsettled_refunds (of the last day), drift_credits, webhook_lag_s, workers, reading_age_s, audit_problems, audit_age_s, audit_is_yours}. Counts only grow. Made anew every ten seconds at most, however many ask, by one of them. audit_is_yours: it falls to this caller to call operator_audit(), which happens every 15 minutes.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.operator_report(p_functions text[])
 RETURNS jsonb
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  return jsonb_build_object(
    'now', clock_timestamp(),
    'postgres', current_setting('server_version'),
    'migrations', (select coalesce(jsonb_agg(name order by id), '[]') from darkroom.migrations),
    'missing_functions', (
      select coalesce(jsonb_agg(wanted order by wanted), '[]') from unnest(p_functions) wanted
      where not exists (select from pg_catalog.pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname = wanted)),
    'closed_functions', (
      select coalesce(jsonb_agg(distinct p.proname::text), '[]') from pg_catalog.pg_proc p
      where p.pronamespace = 'public'::regnamespace and p.proname = any (p_functions)
        and not pg_catalog.has_function_privilege('service_role', p.oid, 'execute')),
    'open_functions', (
      select coalesce(jsonb_agg(distinct p.oid::regprocedure::text), '[]') from pg_catalog.pg_proc p
      where ((p.pronamespace = 'public'::regnamespace and p.proname = any (p_functions))
          or (p.pronamespace = 'darkroom'::regnamespace and p.proname not in ('now', 'free_email', 'is_deleted')))
        and (pg_catalog.has_function_privilege('anon', p.oid, 'execute')
          or pg_catalog.has_function_privilege('authenticated', p.oid, 'execute'))),
    'open_tables', (
      select coalesce(jsonb_agg(c.relname::text order by c.relname), '[]') from pg_catalog.pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity
        and (pg_catalog.has_table_privilege('anon', c.oid, 'select, insert, update, delete')
          or pg_catalog.has_table_privilege('authenticated', c.oid, 'select, insert, update, delete'))),
    'workers', (select count(*) from public.workers where ended_at is null and lease_expires_at > darkroom.now()),
    'waiting', (select count(*) from public.job_runs where active and worker_id is null),
    'running', (select count(*) from public.job_runs where active and worker_id is not null),
    'oldest_due_ms', (select round(extract(epoch from darkroom.now() - min(run_at)) * 1000) from public.job_runs
      where active and worker_id is null and run_at <= darkroom.now()),
    'unresolved_events', (select count(*) from public.webhook_events
      where outcome in ('unknown_user', 'unknown_price', 'deleted_user')));
end
$function$
-- For the doctor: the time, the migrations that were applied, which of the named server functions are missing or closed to the server, which functions and tables stand open to anon or authenticated, workers with a live lease, the line, and payments that nobody was credited for. Changes nothing.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.ping_database()
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  perform from public.workers limit 1;
  return true;
end
$function$
-- True, as soon as the database can read its tables and knows the server.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.queue_place(p_job_id uuid)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select jsonb_build_object('priority', priority, 'run_at_us', (extract(epoch from run_at) * 1000000)::bigint)
  from public.job_runs where job_id = p_job_id and active;
$function$
-- What decides an unfinished job's place in the line: {priority, run_at_us}; null for any other.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.queue_snapshot()
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- The line as it is now, for estimates: marks [[place, priority, run_at in µs]], every place of the first 100, then every 10th, 100th and 1000th, of at most 100,000 rows that are due; how long those in hand have been running; median and mean time of the latest 50 runs of the last 10 minutes; how many ended within span_ms; and by priority how many that were made within span_ms have been taken since. One reading serves everyone who asks within a second.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.release_job(p_job_id uuid, p_attempt integer, p_calls jsonb DEFAULT NULL::jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return null;
  end if;
  return darkroom.put_back(v_job, interval '0', p_calls);
end
$function$
-- Hands an unfinished job back, due at once: {kind: retried, delivery, priority, delay_ms}; no retry is counted. Null when the claim was lost, or on a repeat: nothing was written.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.replay_delivery(p_delivery_id uuid DEFAULT NULL::uuid, p_job_id uuid DEFAULT NULL::uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- Makes a delivery, or all of a job, due now whatever became of it, with the whole schedule of retries before it and the same id. Returns [{id, job_id, type, host, attempts}]; raises DR404 when there is none.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.replay_job(p_user_id text, p_idempotency_key text, p_request_hash text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select darkroom.replay(p_user_id, p_idempotency_key, p_request_hash);
$function$
-- The job that this user's key made within 48 hours, as {job, balance, charged, replayed}, or null. Raises DR422 when the key came with another request.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.report_progress(p_job_id uuid, p_attempt integer, p_stage text, p_progress integer)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_job public.image_generation_jobs;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return false;
  end if;
  update public.image_generation_jobs
    set stage = p_stage, progress = greatest(progress, least(p_progress, 99))
    where id = p_job_id and (stage is distinct from p_stage or progress < least(p_progress, 99));
  return true;
end
$function$
-- Shows a stage and a progress of 0 to 99, which never falls. False when the claim was lost: nothing was written. Repeats change nothing.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.report_progress_batch(p_reports jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_report record;
  v_lost jsonb := '[]';
begin
  -- By id, as everybody locks jobs.
  for v_report in
    select job_id, attempt, stage, progress
    from jsonb_to_recordset(p_reports) as r (job_id uuid, attempt integer, stage text, progress integer)
    order by job_id
  loop
    if not public.report_progress(v_report.job_id, v_report.attempt, v_report.stage, v_report.progress) then
      v_lost := v_lost || jsonb_build_object('job_id', v_report.job_id, 'attempt', v_report.attempt);
    end if;
  end loop;
  return v_lost;
end
$function$
-- report_progress for each of [{job_id, attempt, stage, progress}], in one transaction: returns [{job_id, attempt}], those whose claim was lost. One that is lost keeps none of the others from being written.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.requeue_job(p_job_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_now timestamptz := darkroom.now();
  v_job public.image_generation_jobs;
  v_run public.job_runs;
  v_lease timestamptz;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not found or not v_job.managed then
    raise exception 'no such job' using errcode = 'DR404';
  end if;
  if v_job.status not in ('pending', 'processing') then
    raise exception 'the job has already ended: %', v_job.status using errcode = 'DR409',
      detail = jsonb_build_object('status', v_job.status)::text;
  end if;
  select * into v_run from public.job_runs where job_id = p_job_id for no key update;
  if v_run.worker_id is not null then
    select lease_expires_at into v_lease from public.workers where id = v_run.worker_id;
    return jsonb_build_object('kind', 'in_hand', 'worker_id', v_run.worker_id,
      'lease_ms', round(extract(epoch from v_lease - v_now) * 1000));
  end if;
  update public.job_runs
    set delivery = delivery + 1, run_at = least(run_at, v_now), delivered_at = null, offered_at = v_now
    where job_id = p_job_id returning * into v_run;
  -- The row keeps since when the job could have run; this delivery is due now.
  v_run.run_at := v_now;
  return jsonb_build_object('kind', 'due', 'delivery', v_run.delivery, 'delay_ms', 0,
    'priority', darkroom.priority_of(v_run, v_job.created_at));
end
$function$
-- Makes a waiting job due now under a new delivery, to be put in the queue and confirmed with mark_delivered: {kind: due, delivery, priority, delay_ms}; if that does not happen, a sweep delivers it in 10 s. Moves no credits, counts no retry and claims nothing: whoever gets the delivery still has to claim the job. {kind: in_hand, worker_id, lease_ms}: a worker has it, nothing was written. Raises DR404 for what is no managed job, DR409 for an ended one. Safe to repeat.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.retry_job(p_job_id uuid, p_attempt integer, p_code text, p_message text, p_cause text, p_delay_ms integer, p_counts boolean, p_calls jsonb DEFAULT NULL::jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- Puts the job back, due in p_delay_ms: {kind: retried, delivery, priority, delay_ms}. Fails and refunds it at once when that is not before its deadline: {kind: failed}. {kind: lost} when the claim was lost: nothing was written. Safe to repeat.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.save_prompt(p_prompt_id uuid, p_user_id text, p_fields jsonb)
 RETURNS json
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- Saves a prompt {prompt_text, title, thumbnail_url, secondary_image_url} under the caller's own id; a repeat makes no second one, and no id reaches another user's. Raises DR401 for a deleted user, DR400 for an id that another user's prompt has.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.settle_job(p_job_id uuid)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_job public.image_generation_jobs;
  v_owed integer;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not found or not v_job.managed then
    raise exception 'no such job' using errcode = 'DR404';
  end if;
  if v_job.status not in ('failed', 'canceled') then
    raise exception 'only a job that failed or was canceled owes a refund, and this one is %', v_job.status
      using errcode = 'DR400', detail = jsonb_build_object('status', v_job.status)::text;
  end if;
  -- A balance is locked before the ledger is read, so that of two at once one finds the other's refund.
  perform from public.users where id = v_job.user_id for no key update;
  select coalesce(-sum(amount), 0) into v_owed from public.credit_ledger where job_id = p_job_id;
  if v_owed > 0 and exists (select from public.credit_ledger where job_id = p_job_id and kind = 'job_refund') then
    raise exception 'the job has a refund, which is % credits short: grant them', v_owed using errcode = 'DR400';
  end if;
  if v_owed > 0 then
    insert into public.credit_ledger (user_id, job_id, kind, amount, balance_after, reference, reason)
      values (v_job.user_id, p_job_id, 'job_refund', v_owed, 0, 'job:' || p_job_id || ':refund',
        coalesce(v_job.error_code, v_job.status));
  end if;
  update public.job_runs set active = false, worker_id = null, delivered_at = null where job_id = p_job_id and active;
  update public.image_generation_jobs j
    set receipt = jsonb_build_object('charged', booked.charged, 'refunded', booked.charged, 'net', 0)
    from (select coalesce(-sum(amount) filter (where kind = 'job_debit'), 0) as charged
      from public.credit_ledger where job_id = p_job_id) booked
    where j.id = p_job_id and v_owed >= 0 and (j.receipt ->> 'net')::bigint is distinct from 0;
  return jsonb_build_object('user_id', v_job.user_id, 'status', v_job.status, 'refunded', greatest(v_owed, 0),
    'balance', (select credits from public.users where id = v_job.user_id));
end
$function$
-- Books the refund that a job which failed or was canceled still owes, if it owes one, and brings its receipt and its run in line: {user_id, status, refunded, balance}; refunded is 0 when all was settled. No job is refunded twice: the ledger holds one refund a job. Raises DR404 for an unknown job, DR400 for one that did not end so. Safe to repeat.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.settle_webhook(p_delivery_id uuid, p_attempt integer, p_result text, p_status integer, p_error text, p_delay_ms bigint DEFAULT 0)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
$function$
-- Writes how an attempt went: delivered, failed (for good), or retry in p_delay_ms. False when a later attempt has begun: nothing was written. Safe to repeat.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.spend_credits(p_amount integer, p_reference text)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user_id text := auth.jwt() ->> 'sub';
  v_balance integer;
begin
  if coalesce(v_user_id, '') = '' then
    raise exception 'sign in first' using errcode = '42501';
  end if;
  if p_amount is null or p_amount <= 0 then
    raise exception 'p_amount must be above 0' using errcode = '22023';
  end if;
  if coalesce(p_reference, '') = '' or char_length(p_reference) > 255 then
    raise exception 'p_reference must have 1 to 255 characters' using errcode = '22023';
  end if;
  select credits into v_balance from public.users where id = v_user_id for no key update;
  if not found then
    raise exception 'there is no such user yet' using errcode = 'DR404';
  end if;
  if exists (select from public.credit_ledger where reference = 'spend:' || v_user_id || ':' || p_reference) then
    return v_balance;
  end if;
  insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
    values (v_user_id, 'native_app', -p_amount, 0, 'spend:' || v_user_id || ':' || p_reference, 'Spent by the app');
  return v_balance - p_amount;
end
$function$
-- For the app's own role: takes credits of the caller in one step, once per reference, and returns the balance. Raises DR402 and takes nothing when they do not suffice. A repeated reference is answered before the balance is looked at.
-- may be called by: authenticated, service_role

CREATE OR REPLACE FUNCTION public.sweep(p_limit integer DEFAULT 500)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_now timestamptz := darkroom.now();
  v_run public.job_runs;
  v_job public.image_generation_jobs;
  v_overdue uuid[];
  v_lapsed uuid[];
  v_crashed uuid[] := '{}';
  v_due jsonb;
begin
  -- Jobs are locked without waiting and in full before any user is: two sweeps cannot block each other in a ring.
  select coalesce(array_agg(id), '{}') into v_overdue from (
    select id from public.image_generation_jobs
    where managed and status in ('pending', 'processing') and deadline_at <= v_now
    order by deadline_at limit least(p_limit, 100)
    for no key update skip locked
  ) locked;

  select coalesce(array_agg(job_id), '{}') into v_lapsed from (
    select r.job_id from public.job_runs r
    join public.workers w on w.id = r.worker_id
    join public.image_generation_jobs j on j.id = r.job_id
    where r.active and r.worker_id is not null and w.lease_expires_at <= v_now and r.job_id <> all (v_overdue)
    order by w.lease_expires_at limit p_limit
    for no key update of j, r skip locked for share of w skip locked
  ) locked;
  for v_run in select * from public.job_runs where job_id = any (v_lapsed) and worker_id is not null order by job_id loop
    if darkroom.lose_worker(v_run) >= 3 then
      v_crashed := v_crashed || v_run.job_id;
    end if;
  end loop;

  perform from public.users
    where id in (select user_id from public.image_generation_jobs where id = any (v_overdue || v_crashed))
    order by id for no key update;
  for v_job in select * from public.image_generation_jobs where id = any (v_overdue) order by id loop
    perform darkroom.end_job(v_job, 'failed', 'deadline_exceeded', 'The image was not ready in time.', 'deadline passed', null);
  end loop;
  for v_job in select * from public.image_generation_jobs where id = any (v_crashed) order by id loop
    perform darkroom.end_job(v_job, 'failed', 'worker_crashed', 'The image could not be made.', 'lost its worker 3 times', null);
  end loop;

  -- The producer has two seconds to tell the queue itself; a sweeper that took a delivery upon itself has ten.
  with due as (
    select job_id from public.job_runs
    where active and worker_id is null and delivered_at is null
      and run_at <= v_now - case when losses > 0 then interval '0' else interval '2 seconds' end
      and (offered_at is null or offered_at < v_now - interval '10 seconds')
    order by run_at limit p_limit
    for no key update skip locked
  ), offered as (
    update public.job_runs r set delivery = delivery + 1, offered_at = v_now
    from due where r.job_id = due.job_id
    returning r.job_id, r.delivery, r.priority, r.run_at
  )
  select coalesce(jsonb_agg(jsonb_build_object('job_id', job_id, 'delivery', delivery, 'delay_ms', 0,
      'priority', greatest(1, priority - (extract(epoch from v_now - run_at) / 6)::integer)) order by run_at), '[]')
    into v_due from offered;

  delete from public.idempotency_keys where (user_id, key) in (
    select user_id, key from public.idempotency_keys where created_at < v_now - interval '48 hours'
    order by created_at limit p_limit for update skip locked);
  delete from public.workers where id in (
    select id from public.workers w where lease_expires_at < v_now - interval '1 day'
      and not exists (select from public.job_runs r where r.worker_id = w.id and r.active)
    for update skip locked);

  return jsonb_build_object('due', v_due, 'overdue', cardinality(v_overdue), 'crashed', cardinality(v_crashed),
    'lapsed', cardinality(v_lapsed));
end
$function$
-- One pass over at most p_limit rows of each kind, oldest first, waiting for nobody: ends and refunds what is past its deadline or has lost its worker 3 times, takes jobs from workers whose lease is over, and returns {due: [{job_id, delivery, priority, delay_ms}], overdue, crashed, lapsed}. What is due must be put in the queue and confirmed with mark_delivered; else it is due again in 10 s. Needs no leader.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.sweep_preview(p_limit integer DEFAULT 500)
 RETURNS jsonb
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  with overdue as (
    select j.id, j.user_id, j.deadline_at as since from public.image_generation_jobs j
    where j.managed and j.status in ('pending', 'processing') and j.deadline_at <= darkroom.now()
    order by j.deadline_at limit p_limit
  ), unwanted as (
    select j.id, j.user_id, r.cancel_at as since from public.job_runs r
    join public.image_generation_jobs j on j.id = r.job_id
    where r.active and r.cancel_at is not null and r.cancel_at <= darkroom.now()
      and j.managed and j.status in ('pending', 'processing')
    order by r.cancel_at limit p_limit
  ), lapsed as (
    select j.id, j.user_id, w.lease_expires_at as since,
      r.losses >= 2 and w.ended_at is null and exists (
        select from public.workers other
        where other.id <> w.id and other.lease_expires_at > darkroom.now()
          and other.unbroken_since < w.lease_expires_at) as crashed
    from public.job_runs r
    join public.workers w on w.id = r.worker_id
    join public.image_generation_jobs j on j.id = r.job_id
    where r.active and w.lease_expires_at <= darkroom.now() and j.deadline_at > darkroom.now()
    order by w.lease_expires_at limit p_limit
  ), due as (
    select j.id, j.user_id, r.run_at as since from public.job_runs r
    join public.image_generation_jobs j on j.id = r.job_id
    where r.active and r.worker_id is null and r.delivered_at is null
      and r.run_at <= darkroom.now() - case when r.losses > 0 then interval '0' else interval '2 seconds' end
      and (r.offered_at is null or r.offered_at < darkroom.now() - interval '10 seconds')
      and j.deadline_at > darkroom.now()
    order by r.run_at limit p_limit
  ), all_of_it as (
    select 'cancel' as what, id, user_id, since from unwanted
    union all
    select 'fail_overdue', id, user_id, since from overdue where id not in (select id from unwanted)
    union all
    select case when crashed then 'fail_crashed' else 'take_back' end, id, user_id, since from lapsed
      where id not in (select id from unwanted)
    union all
    select 'deliver', id, user_id, since from due where id not in (select id from unwanted)
  )
  select coalesce(jsonb_agg(jsonb_build_object('what', what, 'job_id', id, 'user_id', user_id, 'since', since)
    order by since), '[]') from all_of_it;
$function$
-- What cancel_due and sweep would do now, at most p_limit of each kind, oldest first: [{what: cancel | fail_overdue | fail_crashed | take_back | deliver, job_id, user_id, since}]. Writes nothing and locks nothing.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.take_cleaning(p_limit integer DEFAULT 100)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_now timestamptz := darkroom.now();
  v_keys jsonb;
  v_users jsonb;
  v_turn darkroom.orphan_round;
  v_has_turn boolean;
begin
  with due as (
    select key from darkroom.object_removals r where due_at <= v_now and not darkroom.is_input(r.key)
    order by due_at limit p_limit for update skip locked
  ), taken as (
    update darkroom.object_removals r
      set tries = tries + 1, due_at = v_now + least(interval '1 hour', interval '30 seconds' * (2 ^ least(tries, 10)))
      from due where r.key = due.key returning r.key
  )
  select coalesce(jsonb_agg(key), '[]') into v_keys from taken;

  with due as (
    select user_id from darkroom.tombstones where due_at <= v_now
    order by due_at limit least(p_limit, 10) for update skip locked
  ), taken as (
    update darkroom.tombstones t set due_at = v_now + interval '1 minute' from due where t.user_id = due.user_id
    returning t.user_id
  )
  select coalesce(jsonb_agg(user_id), '[]') into v_users from taken;

  update darkroom.orphan_round set due_at = v_now + interval '10 minutes'
    where due_at <= v_now returning * into v_turn;
  v_has_turn := found;
  if v_has_turn then
    delete from public.webhook_events
      where received_at < v_now - interval '90 days' and outcome not in ('unknown_user', 'unknown_price', 'deleted_user');
  end if;
  perform darkroom.retry_waiting(20);

  return jsonb_build_object('keys', v_keys, 'user_ids', v_users,
    'orphans', case when v_has_turn then jsonb_build_object('after', v_turn.after_key) end);
end
$function$
-- What is to be removed from the store, each given to one caller at a time and again later unless it is confirmed: {keys: of images whose row is gone (confirm_removed), user_ids: of deleted accounts (continue_erasure), orphans: {after} when the search goes on there (end_orphan_turn), else null}. A key that an unfinished job starts from waits. Also lets payments through whose user has become known.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.take_clerk_event(p_event jsonb, p_default_credits integer DEFAULT 5)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_user_id text := p_event ->> 'user_id';
  v_seen text;
  v_outcome text;
  v_note text;
  v_deleted jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended('clerk:' || v_user_id, 0));
  select outcome into v_seen from public.webhook_events where source = 'clerk' and id = p_event ->> 'id';
  if found then
    return jsonb_build_object('outcome', v_seen, 'repeated', true);
  end if;
  if p_event ->> 'type' = 'user.deleted' then
    v_deleted := public.delete_user(v_user_id);
    v_outcome := 'applied';
    v_note := case when v_deleted ->> 'live_subscription' is not null
      then 'its subscription still runs: cancel ' || (v_deleted ->> 'live_subscription') || ' at Stripe' end;
  elsif darkroom.is_deleted(v_user_id) then
    v_outcome := 'ignored';
    v_note := 'the account was deleted';
  else
    v_outcome := darkroom.set_email(v_user_id, p_event ->> 'email', (p_event ->> 'changed_at')::timestamptz, p_default_credits);
  end if;
  insert into public.webhook_events (source, id, type, created_at, received_at, outcome, user_id, note)
    values ('clerk', p_event ->> 'id', p_event ->> 'type', (p_event ->> 'created_at')::timestamptz, darkroom.now(),
      v_outcome, v_user_id, v_note);
  return jsonb_build_object('outcome', v_outcome, 'repeated', false, 'note', v_note);
end
$function$
-- Takes in {id, type: user.created | user.updated | user.deleted, created_at, user_id, email, changed_at} once per id: {outcome, repeated, note}. Makes the user at first sight, sets a verified address unless a later state of the user was reported before (stale) or another has it (email_taken), deletes the account. In any order, any number of times.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.take_stripe_event(p_event jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  v_seen public.webhook_events;
  v_result jsonb;
begin
  -- One event of a customer at a time, so that none is looked at while the link to its user is being made.
  perform pg_advisory_xact_lock(hashtextextended('stripe:' || coalesce(p_event ->> 'customer', p_event ->> 'id'), 0));
  select * into v_seen from public.webhook_events where source = 'stripe' and id = p_event ->> 'id';
  if v_seen.outcome in ('applied', 'ignored', 'stale') then
    return jsonb_build_object('outcome', v_seen.outcome, 'repeated', true, 'user_id', v_seen.user_id);
  end if;
  v_result := darkroom.apply_stripe(p_event);
  insert into public.webhook_events as w (source, id, type, created_at, received_at, outcome, user_id, note, detail)
    values ('stripe', p_event ->> 'id', p_event ->> 'type', (p_event ->> 'created_at')::timestamptz, darkroom.now(),
      v_result ->> 'outcome', v_result ->> 'user_id', v_result ->> 'note', p_event)
    on conflict (source, id) do update
      set received_at = excluded.received_at, outcome = excluded.outcome, user_id = excluded.user_id,
          note = excluded.note, detail = excluded.detail;
  if p_event ->> 'customer' is not null and v_result ->> 'user_id' is not null then
    perform darkroom.settle_waiting(w.id, w.detail) from (
      select id, detail from public.webhook_events
      where source = 'stripe' and outcome = 'unknown_user' and detail ->> 'customer' = p_event ->> 'customer'
      order by created_at
    ) w;
  end if;
  return v_result || '{"repeated": false}';
end
$function$
-- Takes in {id, type, created_at, customer, user_id, purchase: {reference, credits, reason, unknown_prices}, subscription: {id, status, price_id, current_period_end, rank}}: {outcome, repeated, user_id, note}. Credits are booked once per reference, a subscription keeps its latest state, in any order and any number of times. What could not be done yet (unknown_user, unknown_price, deleted_user) is written down, and done when the same event is sent again; what waited for its user, as soon as an event names the user.
-- may be called by: service_role

CREATE OR REPLACE FUNCTION public.update_prompt(p_prompt_id uuid, p_user_id text, p_changes jsonb)
 RETURNS json
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update public.custom_prompts as p set
    prompt_text = case when p_changes ? 'prompt_text' then p_changes ->> 'prompt_text' else prompt_text end,
    title = case when p_changes ? 'title' then p_changes ->> 'title' else title end,
    thumbnail_url = case when p_changes ? 'thumbnail_url' then p_changes ->> 'thumbnail_url' else thumbnail_url end,
    secondary_image_url =
      case when p_changes ? 'secondary_image_url' then p_changes ->> 'secondary_image_url' else secondary_image_url end
    where id = p_prompt_id and user_id = p_user_id
    returning darkroom.prompt_object(p);
$function$
-- Changes the named fields alone, and returns the prompt; null when this user has no such prompt. Safe to repeat.
-- may be called by: service_role

