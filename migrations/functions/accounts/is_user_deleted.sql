-- Whether this account was deleted; one lookup in one index.
create or replace function public.is_user_deleted(p_user_id text) returns boolean
language sql stable security definer set search_path = '' as $$
  select darkroom.is_deleted(p_user_id);
$$;

revoke all on function public.is_user_deleted from public, anon, authenticated;
grant execute on function public.is_user_deleted to service_role;
