-- Server-only: no policy lets a user's role read or write it.
alter table public.idempotency_keys enable row level security;

revoke all on public.idempotency_keys from public, anon, authenticated;
grant all on public.idempotency_keys to service_role;
