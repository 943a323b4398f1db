-- The address if no other user has it, else this user's placeholder: an address is never taken from another user.
create or replace function darkroom.free_email(p_user_id text, p_email text) returns text
language sql stable security definer set search_path = '' as $$
  select case
    when p_email is null or p_email = '' or exists (select from public.users where email = p_email and id <> p_user_id)
      then p_user_id || '@users.invalid'
    else p_email end;
$$;

revoke all on function darkroom.free_email from public;
grant execute on function darkroom.free_email to anon, authenticated, service_role;
