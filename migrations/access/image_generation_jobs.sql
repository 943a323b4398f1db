-- A user reads its own jobs and writes only unmanaged ones, in the columns that the native app has always written.
alter table public.image_generation_jobs enable row level security;

drop policy if exists darkroom_own on public.image_generation_jobs;
create policy darkroom_own on public.image_generation_jobs for all to authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));
drop policy if exists darkroom_own_only on public.image_generation_jobs;
create policy darkroom_own_only on public.image_generation_jobs as restrictive for all to anon, authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));
drop policy if exists darkroom_unmanaged_insert on public.image_generation_jobs;
create policy darkroom_unmanaged_insert on public.image_generation_jobs as restrictive for insert to anon, authenticated
  with check (not managed);
drop policy if exists darkroom_unmanaged_update on public.image_generation_jobs;
create policy darkroom_unmanaged_update on public.image_generation_jobs as restrictive for update to anon, authenticated
  using (not managed) with check (not managed);
drop policy if exists darkroom_unmanaged_delete on public.image_generation_jobs;
create policy darkroom_unmanaged_delete on public.image_generation_jobs as restrictive for delete to anon, authenticated
  using (not managed);

revoke all on public.image_generation_jobs from public, anon, authenticated;
grant select, delete on public.image_generation_jobs to anon, authenticated;
grant insert (id, user_id, status, progress, input_image_key, output_image_url, error_message, created_at, updated_at, completed_at),
  update (id, user_id, status, progress, input_image_key, output_image_url, error_message, created_at, updated_at, completed_at)
  on public.image_generation_jobs to authenticated;
grant all on public.image_generation_jobs to service_role;

create or replace trigger guard_job before insert or update or delete on public.image_generation_jobs
  for each row execute function darkroom.guard_job();
create or replace trigger guard_deleted before insert on public.image_generation_jobs
  for each row execute function darkroom.guard_deleted();
create or replace trigger touch_job before update on public.image_generation_jobs
  for each row execute function darkroom.touch_job();

create or replace trigger broadcast_new_job after insert on public.image_generation_jobs
  for each row when (new.managed) execute function darkroom.broadcast_job();
create or replace trigger broadcast_job after update on public.image_generation_jobs
  for each row when (new.managed and new.version is distinct from old.version) execute function darkroom.broadcast_job();
create or replace trigger create_delivery after update of status on public.image_generation_jobs
  for each row when (new.managed and new.status is distinct from old.status and new.status <> 'pending')
  execute function darkroom.create_delivery();
