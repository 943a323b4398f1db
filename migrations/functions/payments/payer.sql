-- Who paid: the user that the event names, else the one whose customer it is; null when neither is known.
create or replace function darkroom.payer(p_user_id text, p_customer text) returns text
language sql stable set search_path = '' as $$
  select coalesce(
    (select id from public.users where id = p_user_id),
    (select user_id from darkroom.tombstones where user_id = p_user_id),
    (select user_id from darkroom.stripe_customers where customer_id = p_customer),
    (select user_id from public.subscriptions where stripe_customer_id = p_customer order by updated_at desc nulls last limit 1));
$$;

revoke all on function darkroom.payer from public, anon, authenticated;
