-- For the app's own role: takes credits of the caller in one step, once per reference, and returns the balance.
-- Raises DR402 and takes nothing when there are too few. A repeated reference is answered before the balance is
-- checked.
create or replace function public.spend_credits(p_amount integer, p_reference text) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id text := auth.jwt() ->> 'sub';
  v_balance integer;
begin
  if coalesce(v_user_id, '') = '' then
    raise exception 'sign in first' using errcode = '42501';
  end if;
  if p_amount is null or p_amount <= 0 then
    raise exception 'p_amount must be above 0' using errcode = '22023';
  end if;
  if coalesce(p_reference, '') = '' or char_length(p_reference) > 255 then
    raise exception 'p_reference must have 1 to 255 characters' using errcode = '22023';
  end if;
  select credits into v_balance from public.users where id = v_user_id for no key update;
  if not found then
    raise exception 'there is no such user yet' using errcode = 'DR404';
  end if;
  if exists (select from public.credit_ledger where reference = 'spend:' || v_user_id || ':' || p_reference) then
    return v_balance;
  end if;
  insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
    values (v_user_id, 'native_app', -p_amount, 0, 'spend:' || v_user_id || ':' || p_reference, 'Spent by the app');
  return v_balance - p_amount;
end
$$;

revoke all on function public.spend_credits from public, anon;
grant execute on function public.spend_credits to authenticated, service_role;
