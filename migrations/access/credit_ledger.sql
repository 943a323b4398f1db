-- A user reads its own movements. Nobody writes them but the functions, and nobody changes or removes one.
alter table public.credit_ledger enable row level security;

drop policy if exists darkroom_own on public.credit_ledger;
create policy darkroom_own on public.credit_ledger for select to authenticated
  using (user_id = (select auth.jwt() ->> 'sub'));

revoke all on public.credit_ledger from public, anon, authenticated, service_role;
grant select on public.credit_ledger to authenticated;
grant select, references, trigger on public.credit_ledger to service_role;
revoke all on sequence public.credit_ledger_id_seq from public, anon, authenticated, service_role;

-- Defaults that call a function are set here: functions are created after tables.
alter table public.credit_ledger alter column created_at set default darkroom.now();

create or replace trigger take_balance before insert on public.credit_ledger
  for each row execute function darkroom.take_balance();
create or replace trigger move_balance after insert on public.credit_ledger
  for each row execute function darkroom.move_balance();
create or replace trigger append_only before update or delete on public.credit_ledger
  for each row execute function darkroom.refuse_ledger_change();
create or replace trigger never_truncated before truncate on public.credit_ledger
  for each statement execute function darkroom.refuse_ledger_change();
