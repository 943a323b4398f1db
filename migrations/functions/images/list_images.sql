-- At most p_limit images of this user, newest first, paged as list_jobs is.
create or replace function public.list_images(
  p_user_id text,
  p_limit integer,
  p_before timestamptz default null,
  p_before_id uuid default null
) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(found), '[]') from (
    select id, image_url, thumbnail_url, prompt, job_id, width, height, model, created_at
    from public.generated_images
    where user_id = p_user_id
      and (created_at, id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    order by created_at desc, id desc limit p_limit
  ) found;
$$;

revoke all on function public.list_images from public, anon, authenticated;
grant execute on function public.list_images to service_role;
