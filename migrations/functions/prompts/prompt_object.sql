-- A saved prompt as its user sees it.
create or replace function darkroom.prompt_object(p_prompt public.custom_prompts) returns json
language sql stable set search_path = '' as $$
  select json_build_object('id', p_prompt.id, 'prompt_text', p_prompt.prompt_text, 'title', p_prompt.title,
    'thumbnail_url', p_prompt.thumbnail_url, 'secondary_image_url', p_prompt.secondary_image_url,
    'created_at', p_prompt.created_at);
$$;

revoke all on function darkroom.prompt_object from public, anon, authenticated;
