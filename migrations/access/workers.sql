-- Server-only: no policy lets a user's role read or write it.
alter table public.workers enable row level security;

revoke all on public.workers from public, anon, authenticated;
grant all on public.workers to service_role;
