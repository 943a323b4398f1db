-- Limits what a user's own role may write to its row: it may lower credits, but not below 0. A new row starts with at
-- most 5 credits. The email comes from the token; one that the user writes is ignored. The id never changes.
create or replace function darkroom.guard_user() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_user not in ('anon', 'authenticated') then
    return new;
  end if;
  if tg_op = 'INSERT' then
    if darkroom.is_deleted(new.id) then
      raise exception 'this account was deleted' using errcode = '42501';
    end if;
    new.credits := least(greatest(new.credits, 0), 5);
    new.email := darkroom.free_email(new.id, auth.jwt() ->> 'email');
    return new;
  end if;
  if new.id <> old.id then
    raise exception 'a user''s id cannot be changed' using errcode = '42501';
  end if;
  if new.credits > old.credits then
    raise exception 'credits can be lowered by the app, never raised: % to %', old.credits, new.credits
      using errcode = '42501';
  end if;
  if new.credits < old.credits and new.credits < 0 then
    raise exception 'credits cannot fall below 0' using errcode = '42501';
  end if;
  new.email := old.email;
  return new;
end
$$;

revoke all on function darkroom.guard_user from public, anon, authenticated;
