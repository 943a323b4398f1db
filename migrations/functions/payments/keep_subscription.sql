-- Stores a subscription's state unless a later one is known (stale), and shows the user's best one in
-- public.subscriptions: a running one, else the latest.
create or replace function darkroom.keep_subscription(p_user_id text, p_customer text, p_subscription jsonb, p_event_at timestamptz)
returns text
language plpgsql set search_path = '' as $$
declare
  v_best darkroom.stripe_subscriptions;
begin
  insert into darkroom.stripe_subscriptions as s
      (id, user_id, customer_id, status, price_id, current_period_end, event_at, event_rank)
    values (p_subscription ->> 'id', p_user_id, p_customer, p_subscription ->> 'status', p_subscription ->> 'price_id',
      (p_subscription ->> 'current_period_end')::timestamptz, p_event_at, (p_subscription ->> 'rank')::integer)
    on conflict (id) do update
      set user_id = excluded.user_id, customer_id = excluded.customer_id, status = excluded.status,
          price_id = excluded.price_id, current_period_end = excluded.current_period_end,
          event_at = excluded.event_at, event_rank = excluded.event_rank
      where (s.event_at, s.event_rank) <= (excluded.event_at, excluded.event_rank)
        -- A canceled subscription never becomes live again, whatever arrives later.
        and (s.status <> 'canceled' or excluded.status = 'canceled');
  if not found then
    return 'stale';
  end if;
  select * into v_best from darkroom.stripe_subscriptions where user_id = p_user_id
    order by darkroom.is_live(status) desc, event_at desc, event_rank desc, id limit 1;
  insert into public.subscriptions as s
      (user_id, status, stripe_customer_id, stripe_subscription_id, price_id, current_period_end, created_at, updated_at)
    values (p_user_id, v_best.status, v_best.customer_id, v_best.id, v_best.price_id, v_best.current_period_end,
      darkroom.now(), darkroom.now())
    on conflict (user_id) do update
      set status = excluded.status, stripe_customer_id = excluded.stripe_customer_id,
          stripe_subscription_id = excluded.stripe_subscription_id, price_id = excluded.price_id,
          current_period_end = excluded.current_period_end, updated_at = excluded.updated_at
      -- A running one that only the native app has recorded is not replaced by the end of another.
      where darkroom.is_live(excluded.status) or not darkroom.is_live(s.status)
        or s.stripe_subscription_id is null
        or s.stripe_subscription_id in (select id from darkroom.stripe_subscriptions where user_id = p_user_id);
  return 'applied';
end
$$;

revoke all on function darkroom.keep_subscription from public, anon, authenticated;
