-- This image of this user, with its keys in the store; null for another user's and for one that does not exist.
create or replace function public.get_image(p_image_id uuid, p_user_id text) returns json
language sql stable security definer set search_path = '' as $$
  select row_to_json(found) from (
    select id, image_url, thumbnail_url, prompt, job_id, width, height, model, created_at, object_key, thumbnail_key
    from public.generated_images where id = p_image_id and user_id = p_user_id
  ) found;
$$;

revoke all on function public.get_image from public, anon, authenticated;
grant execute on function public.get_image to service_role;
