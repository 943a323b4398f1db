-- A user reads and writes its own prompts.
alter table public.custom_prompts enable row level security;

drop policy if exists darkroom_own on public.custom_prompts;
create policy darkroom_own on public.custom_prompts for all to authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));
drop policy if exists darkroom_own_only on public.custom_prompts;
create policy darkroom_own_only on public.custom_prompts as restrictive for all to anon, authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));

revoke all on public.custom_prompts from public, anon, authenticated;
grant select, insert, update, delete on public.custom_prompts to anon, authenticated;
grant all on public.custom_prompts to service_role;

create or replace trigger guard_deleted before insert on public.custom_prompts
  for each row execute function darkroom.guard_deleted();
