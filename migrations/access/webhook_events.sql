-- The server reads it; only the functions write it.
alter table public.webhook_events enable row level security;

revoke all on public.webhook_events from public, anon, authenticated, service_role;
grant select, references, trigger on public.webhook_events to service_role;
