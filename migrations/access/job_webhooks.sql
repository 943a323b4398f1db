-- Server-only: no policy lets a user's role read or write it.
alter table public.job_webhooks enable row level security;

revoke all on public.job_webhooks from public, anon, authenticated;
grant all on public.job_webhooks to service_role;
