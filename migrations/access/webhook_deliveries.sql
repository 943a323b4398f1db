-- Server-only: no policy lets a user's role read or write it.
alter table public.webhook_deliveries enable row level security;

revoke all on public.webhook_deliveries from public, anon, authenticated;
grant all on public.webhook_deliveries to service_role;
