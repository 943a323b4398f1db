-- Whether this user has saved at least p_count prompts. Reads no more of them than that.
create or replace function public.has_prompts(p_user_id text, p_count integer) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.custom_prompts where user_id = p_user_id
    order by created_at desc, id desc offset greatest(p_count, 1) - 1 limit 1);
$$;

revoke all on function public.has_prompts from public, anon, authenticated;
grant execute on function public.has_prompts to service_role;
