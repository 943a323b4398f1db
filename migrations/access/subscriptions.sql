-- A user reads its own subscription; only the server writes it.
alter table public.subscriptions enable row level security;

drop policy if exists darkroom_own on public.subscriptions;
create policy darkroom_own on public.subscriptions for select to authenticated
  using (user_id = (select auth.jwt() ->> 'sub'));
drop policy if exists darkroom_own_only on public.subscriptions;
create policy darkroom_own_only on public.subscriptions as restrictive for all to anon, authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (false);
drop policy if exists darkroom_read_only on public.subscriptions;
create policy darkroom_read_only on public.subscriptions as restrictive for delete to anon, authenticated using (false);

revoke all on public.subscriptions from public, anon, authenticated;
grant select on public.subscriptions to anon, authenticated;
grant all on public.subscriptions to service_role;
