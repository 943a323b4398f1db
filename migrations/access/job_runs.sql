-- Server-only: no policy lets a user's role read or write it.
alter table public.job_runs enable row level security;

revoke all on public.job_runs from public, anon, authenticated;
grant all on public.job_runs to service_role;
