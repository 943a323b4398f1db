-- Changes only the named fields and returns the prompt; null when this user has no such prompt. Safe to repeat.
create or replace function public.update_prompt(p_prompt_id uuid, p_user_id text, p_changes jsonb) returns json
language sql security definer set search_path = '' as $$
  update public.custom_prompts as p set
    prompt_text = case when p_changes ? 'prompt_text' then p_changes ->> 'prompt_text' else prompt_text end,
    title = case when p_changes ? 'title' then p_changes ->> 'title' else title end,
    thumbnail_url = case when p_changes ? 'thumbnail_url' then p_changes ->> 'thumbnail_url' else thumbnail_url end,
    secondary_image_url =
      case when p_changes ? 'secondary_image_url' then p_changes ->> 'secondary_image_url' else secondary_image_url end
    where id = p_prompt_id and user_id = p_user_id
    returning darkroom.prompt_object(p);
$$;

revoke all on function public.update_prompt from public, anon, authenticated;
grant execute on function public.update_prompt to service_role;
