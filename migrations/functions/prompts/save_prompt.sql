-- Saves a prompt {prompt_text, title, thumbnail_url, secondary_image_url} under the caller's own id; a repeat creates
-- no second one, and no id reaches another user's. Raises DR401 for a deleted user, DR400 for an id that another
-- user's prompt has.
create or replace function public.save_prompt(p_prompt_id uuid, p_user_id text, p_fields jsonb) returns json
language plpgsql security definer set search_path = '' as $$
declare
  v_prompt public.custom_prompts;
begin
  insert into public.custom_prompts as p (id, user_id, prompt_text, title, thumbnail_url, secondary_image_url)
    values (p_prompt_id, p_user_id, p_fields ->> 'prompt_text', p_fields ->> 'title', p_fields ->> 'thumbnail_url',
      p_fields ->> 'secondary_image_url')
    on conflict (id) do update
      set prompt_text = excluded.prompt_text, title = excluded.title, thumbnail_url = excluded.thumbnail_url,
        secondary_image_url = excluded.secondary_image_url
      where p.user_id = excluded.user_id
    returning * into v_prompt;
  if not found then
    raise exception 'this id is that of another user''s prompt' using errcode = 'DR400';
  end if;
  return darkroom.prompt_object(v_prompt);
end
$$;

revoke all on function public.save_prompt from public, anon, authenticated;
grant execute on function public.save_prompt to service_role;
