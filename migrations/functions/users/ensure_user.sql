-- The user, created at first sight with p_default_credits. Replaces a placeholder e-mail; an address that another
-- user has is not taken. Raises DR401 for a deleted user. Safe to repeat.
create or replace function public.ensure_user(p_user_id text, p_email text default null, p_default_credits integer default 5)
returns public.users
language plpgsql security definer set search_path = '' as $$
declare
  v_user public.users;
  v_made boolean;
begin
  if coalesce(p_user_id, '') = '' then
    raise exception 'p_user_id is empty' using errcode = 'DR400';
  end if;
  loop
    if darkroom.is_deleted(p_user_id) then
      raise exception 'this account was deleted' using errcode = 'DR401';
    end if;
    select * into v_user from public.users where id = p_user_id;
    exit when found;
    -- Another session may create this user, or take this address, at the same moment: then look again.
    insert into public.users (id, email, credits, created_at, updated_at)
      values (p_user_id, darkroom.free_email(p_user_id, p_email), 0, darkroom.now(), darkroom.now())
      on conflict do nothing;
    v_made := found;
    if v_made and p_default_credits > 0 then
      insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
        values (p_user_id, 'signup', p_default_credits, 0, 'signup:' || p_user_id, 'Welcome credits')
        on conflict (reference) do nothing;
    end if;
  end loop;
  if v_user.email = p_user_id || '@users.invalid' and darkroom.free_email(p_user_id, p_email) <> v_user.email then
    begin
      update public.users set email = p_email, updated_at = darkroom.now() where id = p_user_id returning * into v_user;
    exception when unique_violation then null;
    end;
  end if;
  return v_user;
end
$$;

revoke all on function public.ensure_user from public, anon, authenticated;
grant execute on function public.ensure_user to service_role;
