-- Deletes a saved prompt; jobs made with it keep its text. False when this user has no such prompt.
create or replace function public.delete_prompt(p_prompt_id uuid, p_user_id text) returns boolean
language sql security definer set search_path = '' as $$
  with gone as (delete from public.custom_prompts where id = p_prompt_id and user_id = p_user_id returning id)
  select exists (select from gone);
$$;

revoke all on function public.delete_prompt from public, anon, authenticated;
grant execute on function public.delete_prompt to service_role;
