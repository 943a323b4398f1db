-- Adds credits once per reference and returns the balance. Repeating a reference changes nothing.
create or replace function public.grant_credits(p_user_id text, p_amount integer, p_reference text, p_reason text)
returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_balance integer;
begin
  if p_amount is null or p_amount <= 0 then
    raise exception 'p_amount must be above 0, not %', p_amount using errcode = 'DR400';
  end if;
  if coalesce(p_reference, '') = '' then
    raise exception 'p_reference is empty: it keeps a grant from being booked twice' using errcode = 'DR400';
  end if;
  select credits into v_balance from public.users where id = p_user_id for no key update;
  if not found then
    raise exception 'there is no user %', p_user_id using errcode = 'DR404';
  end if;
  insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
    values (p_user_id, 'grant', p_amount, 0, 'grant:' || p_reference, p_reason)
    on conflict (reference) do nothing;
  return (select credits from public.users where id = p_user_id);
end
$$;

revoke all on function public.grant_credits from public, anon, authenticated;
grant execute on function public.grant_credits to service_role;
