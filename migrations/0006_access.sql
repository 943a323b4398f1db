-- Who may do what. The live database may hold permissive policies that nobody here knows of: what must never
-- happen is forbidden by restrictive policies, by privileges and by triggers, none of which a policy can widen.
set local lock_timeout = '5s';

create function darkroom.guard_job() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_user in ('anon', 'authenticated')
    and ((tg_op <> 'DELETE' and new.managed) or (tg_op <> 'INSERT' and old.managed)) then
    raise exception 'this job is run by the server: create, cancel and retry it through the API'
      using errcode = '42501';
  end if;
  return coalesce(new, old);
end
$$;
comment on function darkroom.guard_job() is 'No user''s door makes, changes or removes a managed job.';
create trigger guard_job before insert or update or delete on public.image_generation_jobs
  for each row execute function darkroom.guard_job();

alter table public.users enable row level security;
alter table public.image_generation_jobs enable row level security;
alter table public.generated_images enable row level security;
alter table public.custom_prompts enable row level security;
alter table public.subscriptions enable row level security;
alter table public.credit_ledger enable row level security;
alter table public.job_runs enable row level security;
alter table public.workers enable row level security;
alter table public.idempotency_keys enable row level security;

-- The sub-select is worked out once a statement, not once a row.
create policy darkroom_own on public.users for all to authenticated
  using (id = (select auth.jwt() ->> 'sub')) with check (id = (select auth.jwt() ->> 'sub'));
create policy darkroom_own_only on public.users as restrictive for all to anon, authenticated
  using (id = (select auth.jwt() ->> 'sub')) with check (id = (select auth.jwt() ->> 'sub'));
create policy darkroom_never_deleted on public.users as restrictive for delete to anon, authenticated using (false);

create policy darkroom_own on public.image_generation_jobs for all to authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));
create policy darkroom_own_only on public.image_generation_jobs as restrictive for all to anon, authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));
create policy darkroom_unmanaged_insert on public.image_generation_jobs as restrictive for insert to anon, authenticated
  with check (not managed);
create policy darkroom_unmanaged_update on public.image_generation_jobs as restrictive for update to anon, authenticated
  using (not managed) with check (not managed);
create policy darkroom_unmanaged_delete on public.image_generation_jobs as restrictive for delete to anon, authenticated
  using (not managed);

create policy darkroom_own on public.generated_images for all to authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));
create policy darkroom_own_only on public.generated_images as restrictive for all to anon, authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));

create policy darkroom_own on public.custom_prompts for all to authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));
create policy darkroom_own_only on public.custom_prompts as restrictive for all to anon, authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));

create policy darkroom_own on public.subscriptions for select to authenticated
  using (user_id = (select auth.jwt() ->> 'sub'));
create policy darkroom_own_only on public.subscriptions as restrictive for all to anon, authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (false);
create policy darkroom_read_only on public.subscriptions as restrictive for delete to anon, authenticated using (false);

create policy darkroom_own on public.credit_ledger for select to authenticated
  using (user_id = (select auth.jwt() ->> 'sub'));

-- Privileges. Default privileges have granted everything on every table to anon and authenticated.
revoke all on public.credit_ledger, public.job_runs, public.workers, public.idempotency_keys
  from public, anon, authenticated;
revoke insert, update, delete, truncate on public.credit_ledger from service_role;
grant select on public.credit_ledger to authenticated;

revoke insert, update, delete, truncate, references, trigger on public.subscriptions from public, anon, authenticated;
revoke delete, truncate, references, trigger on public.users from public, anon, authenticated;
revoke truncate, references, trigger on public.custom_prompts from public, anon, authenticated;

-- Users write the columns that the native app has always written, and no other.
revoke insert, update, truncate, references, trigger on public.image_generation_jobs from public, anon, authenticated;
grant insert (id, user_id, status, progress, input_image_key, output_image_url, error_message, created_at, updated_at, completed_at),
  update (id, user_id, status, progress, input_image_key, output_image_url, error_message, created_at, updated_at, completed_at)
  on public.image_generation_jobs to authenticated;
revoke insert, update, truncate, references, trigger on public.generated_images from public, anon, authenticated;
grant insert (id, user_id, image_url, created_at, prompt), update (id, user_id, image_url, created_at, prompt)
  on public.generated_images to authenticated;

-- The rules' helpers: called by triggers in the name of whoever writes.
grant usage on schema darkroom to anon, authenticated, service_role;
revoke all on all functions in schema darkroom from public, anon, authenticated;
grant execute on function darkroom.now(), darkroom.free_email(text, text), darkroom.is_deleted(text)
  to anon, authenticated, service_role;

-- Functions: closed by name, because default privileges open every new one.
revoke all on function public.ensure_user(text, text, integer) from public, anon, authenticated;
revoke all on function public.grant_credits(text, integer, text, text) from public, anon, authenticated;
revoke all on function public.spend_credits(integer, text) from public, anon;
grant execute on function public.ensure_user(text, text, integer) to service_role;
grant execute on function public.grant_credits(text, integer, text, text) to service_role;
grant execute on function public.spend_credits(integer, text) to authenticated, service_role;
