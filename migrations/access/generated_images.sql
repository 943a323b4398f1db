-- A user reads its own images and writes them in the columns that the native app writes.
alter table public.generated_images enable row level security;

drop policy if exists darkroom_own on public.generated_images;
create policy darkroom_own on public.generated_images for all to authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));
drop policy if exists darkroom_own_only on public.generated_images;
create policy darkroom_own_only on public.generated_images as restrictive for all to anon, authenticated
  using (user_id = (select auth.jwt() ->> 'sub')) with check (user_id = (select auth.jwt() ->> 'sub'));

revoke all on public.generated_images from public, anon, authenticated;
grant select, delete on public.generated_images to anon, authenticated;
grant insert (id, user_id, image_url, created_at, prompt), update (id, user_id, image_url, created_at, prompt)
  on public.generated_images to authenticated;
grant all on public.generated_images to service_role;

-- Not the image of a job that is just being completed: the next step of the erasure removes it.
create or replace trigger guard_deleted before insert on public.generated_images
  for each row when (new.job_id is null) execute function darkroom.guard_deleted();
