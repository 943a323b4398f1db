-- Deletes an image of this user and returns the keys of its objects, to be removed from the store now and confirmed
-- with confirm_removed; the rest is left to claim_removals. Prompts that show it show nothing; the job that made it
-- stays. Null when the user has no such image.
create or replace function public.delete_image(p_user_id text, p_image_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_image public.generated_images;
  v_keys text[];
begin
  delete from public.generated_images where id = p_image_id and user_id = p_user_id returning * into v_image;
  if not found then
    return null;
  end if;
  v_keys := array_remove(array[v_image.object_key, v_image.thumbnail_key], null);
  update public.custom_prompts
    set thumbnail_url = case when darkroom.key_in(thumbnail_url) = any (v_keys) then null else thumbnail_url end,
        secondary_image_url = case when darkroom.key_in(secondary_image_url) = any (v_keys) then null else secondary_image_url end
    where user_id = p_user_id
      and (darkroom.key_in(thumbnail_url) = any (v_keys) or darkroom.key_in(secondary_image_url) = any (v_keys));
  insert into darkroom.object_removals (key, due_at)
    select key, darkroom.now() + interval '30 seconds' from unnest(v_keys) key
    on conflict do nothing;
  return coalesce((select jsonb_agg(key) from unnest(v_keys) key where not darkroom.is_input(key)), '[]');
end
$$;

revoke all on function public.delete_image from public, anon, authenticated;
grant execute on function public.delete_image to service_role;
