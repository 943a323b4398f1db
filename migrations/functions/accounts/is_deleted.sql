-- Whether this account was deleted.
create or replace function darkroom.is_deleted(p_user_id text) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select from darkroom.tombstones where user_id = p_user_id);
$$;

revoke all on function darkroom.is_deleted from public;
grant execute on function darkroom.is_deleted to anon, authenticated, service_role;
