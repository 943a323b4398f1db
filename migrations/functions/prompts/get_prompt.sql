-- This saved prompt of this user; null for another user's and for one that does not exist.
create or replace function public.get_prompt(p_prompt_id uuid, p_user_id text) returns json
language sql stable security definer set search_path = '' as $$
  select darkroom.prompt_object(p) from public.custom_prompts p where id = p_prompt_id and user_id = p_user_id;
$$;

revoke all on function public.get_prompt from public, anon, authenticated;
grant execute on function public.get_prompt to service_role;
