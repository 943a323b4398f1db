-- no-transaction: built while everything runs. Each is dropped first: one that was cut off is left invalid.
set lock_timeout = '5s';

drop index concurrently if exists public.jobs_unfinished;
create index concurrently jobs_unfinished on public.image_generation_jobs (status, created_at)
  where managed and status in ('pending', 'processing');

drop index concurrently if exists public.jobs_unfinished_of_user;
create index concurrently jobs_unfinished_of_user on public.image_generation_jobs (user_id, created_at)
  where managed and status in ('pending', 'processing');
drop index concurrently if exists public.jobs_active_of_user;

drop index concurrently if exists public.jobs_ended_without_image;
create index concurrently jobs_ended_without_image on public.image_generation_jobs (completed_at)
  where managed and status in ('failed', 'canceled');

drop index concurrently if exists public.job_runs_due;
create index concurrently job_runs_due on public.job_runs (run_at)
  where active and worker_id is null;

drop index concurrently if exists public.credit_ledger_age;
create index concurrently credit_ledger_age on public.credit_ledger (created_at);

-- What lies there already is summed up now, once, and not by the first who asks.
select darkroom.advance_totals();
