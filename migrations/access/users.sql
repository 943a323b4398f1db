-- A user reads and changes its own row; guard_user says what of it. The live database may hold permissive policies of its
-- own, so what must never happen is forbidden by restrictive policies, privileges and triggers, which no policy can widen.
alter table public.users enable row level security;

-- The sub-select is evaluated once a statement, not once a row.
drop policy if exists darkroom_own on public.users;
create policy darkroom_own on public.users for all to authenticated
  using (id = (select auth.jwt() ->> 'sub')) with check (id = (select auth.jwt() ->> 'sub'));
drop policy if exists darkroom_own_only on public.users;
create policy darkroom_own_only on public.users as restrictive for all to anon, authenticated
  using (id = (select auth.jwt() ->> 'sub')) with check (id = (select auth.jwt() ->> 'sub'));
drop policy if exists darkroom_never_deleted on public.users;
create policy darkroom_never_deleted on public.users as restrictive for delete to anon, authenticated using (false);

revoke all on public.users from public, anon, authenticated;
grant select, insert, update on public.users to anon, authenticated;
grant all on public.users to service_role;

create or replace trigger guard_user before insert or update on public.users
  for each row execute function darkroom.guard_user();

-- Once: the balances that a live database holds become the opening of the ledger. Nobody else writes a balance between
-- this and the commit, which sets the triggers, so none is lost between the two.
do $$
begin
  if exists (select from pg_catalog.pg_trigger where tgrelid = 'public.users'::regclass and tgname = 'book_update') then
    return;
  end if;
  lock table public.users in share row exclusive mode;
  alter table public.credit_ledger disable trigger user;
  insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason, created_at)
    select id, 'opening', credits, credits, 'opening:' || id, 'Balance when the ledger began', darkroom.now()
    from public.users where credits <> 0;
  alter table public.credit_ledger enable trigger user;
end
$$;
create or replace trigger book_insert after insert on public.users
  for each row execute function darkroom.book_direct_change();
create or replace trigger book_update after update on public.users
  for each row when (old.credits is distinct from new.credits) execute function darkroom.book_direct_change();
create or replace trigger book_delete after delete on public.users
  for each row execute function darkroom.book_direct_change();

create or replace trigger broadcast_credits after update on public.users
  for each row when (new.credits is distinct from old.credits) execute function darkroom.broadcast_credits();
