-- no-transaction: built while the native app goes on writing. Each is dropped first: one that was cut off is left invalid.
set lock_timeout = '5s';

drop index concurrently if exists public.jobs_overdue;
create index concurrently jobs_overdue on public.image_generation_jobs (deadline_at)
  where managed and status in ('pending', 'processing');

drop index concurrently if exists public.jobs_of_user;
create index concurrently jobs_of_user on public.image_generation_jobs (user_id, created_at desc, id desc);

drop index concurrently if exists public.jobs_active_of_user;
create index concurrently jobs_active_of_user on public.image_generation_jobs (user_id)
  where managed and status in ('pending', 'processing');

drop index concurrently if exists public.generated_images_job_id_key;
create unique index concurrently generated_images_job_id_key on public.generated_images (job_id);

drop index concurrently if exists public.job_runs_undelivered;
create index concurrently job_runs_undelivered on public.job_runs (run_at)
  where active and worker_id is null and delivered_at is null;

drop index concurrently if exists public.job_runs_delivered;
create index concurrently job_runs_delivered on public.job_runs (delivered_at)
  where active and worker_id is null and delivered_at is not null;

drop index concurrently if exists public.job_runs_of_worker;
create index concurrently job_runs_of_worker on public.job_runs (worker_id)
  where active and worker_id is not null;

drop index concurrently if exists public.idempotency_keys_age;
create index concurrently idempotency_keys_age on public.idempotency_keys (created_at);

alter table public.image_generation_jobs validate constraint managed_status;
alter table public.image_generation_jobs validate constraint managed_stage;
alter table public.image_generation_jobs validate constraint managed_progress;
alter table public.image_generation_jobs validate constraint managed_times;
alter table public.image_generation_jobs validate constraint managed_receipt;
