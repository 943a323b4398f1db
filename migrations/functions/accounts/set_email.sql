-- Gives the user this address: applied, stale when a later state is known, email_taken when another user has it. An
-- empty address changes nothing.
create or replace function darkroom.set_email(p_user_id text, p_email text, p_changed_at timestamptz, p_default_credits integer) returns text
language plpgsql set search_path = '' as $$
begin
  perform public.ensure_user(p_user_id, p_email, p_default_credits);
  insert into darkroom.identities as i (user_id, changed_at) values (p_user_id, p_changed_at)
    on conflict (user_id) do update set changed_at = excluded.changed_at where i.changed_at <= excluded.changed_at;
  if not found then
    return 'stale';
  end if;
  if coalesce(p_email, '') = '' then
    return 'applied';
  end if;
  if darkroom.free_email(p_user_id, p_email) <> p_email then
    return 'email_taken';
  end if;
  update public.users set email = p_email, updated_at = darkroom.now() where id = p_user_id and email <> p_email;
  return 'applied';
exception when unique_violation then
  return 'email_taken';
end
$$;

revoke all on function darkroom.set_email from public, anon, authenticated;
