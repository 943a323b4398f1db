-- Locks the user and computes the balance after the movement; rejects one that would lower it below 0.
create or replace function darkroom.take_balance() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Inside a trigger of users: the balance has moved already, the row only records it.
  if pg_trigger_depth() > 1 then
    return new;
  end if;
  select credits + new.amount into new.balance_after
    from public.users where id = new.user_id for no key update;
  if not found then
    raise exception 'there is no user %', new.user_id using errcode = 'DR404';
  end if;
  if new.amount < 0 and new.balance_after < 0 then
    raise exception 'not enough credits' using errcode = 'DR402',
      detail = jsonb_build_object('balance', new.balance_after - new.amount, 'price', -new.amount)::text;
  end if;
  return new;
end
$$;

revoke all on function darkroom.take_balance from public, anon, authenticated;
