-- no-transaction: built while everything runs. Each is dropped first: one that was cut off is left invalid.
set lock_timeout = '5s';

drop index concurrently if exists public.jobs_ended;
create index concurrently jobs_ended on public.image_generation_jobs (completed_at desc)
  where managed and completed_at is not null;

drop index concurrently if exists public.job_runs_waiting;
create index concurrently job_runs_waiting on public.job_runs (priority, run_at, job_id)
  where active and worker_id is null;

drop index concurrently if exists public.job_runs_to_cancel;
create index concurrently job_runs_to_cancel on public.job_runs (cancel_at)
  where active and cancel_at is not null;
