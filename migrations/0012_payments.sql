-- Payments: what Stripe reports, booked once, in whatever order it comes.
set local lock_timeout = '5s';

create table darkroom.stripe_customers (
  customer_id text primary key,
  user_id text not null
);
comment on table darkroom.stripe_customers is 'Whose customer it is. The first link stays; it outlives the account, so that a later payment is still told apart.';

create table darkroom.stripe_subscriptions (
  id text primary key,
  user_id text not null,
  customer_id text,
  status text not null,
  price_id text,
  current_period_end timestamptz,
  event_at timestamptz not null,
  event_rank integer not null
);
create index stripe_subscriptions_of_user on darkroom.stripe_subscriptions (user_id);
comment on table darkroom.stripe_subscriptions is 'The latest state of each subscription that Stripe has reported. public.subscriptions shows the best one of each user.';

create function darkroom.is_live(p_status text) returns boolean
language sql immutable set search_path = '' as $$
  select lower(p_status) in ('active', 'trialing', 'past_due');
$$;
comment on function darkroom.is_live(text) is 'Whether a subscription of this status runs.';

create function darkroom.payer(p_user_id text, p_customer text) returns text
language sql stable set search_path = '' as $$
  select coalesce(
    (select id from public.users where id = p_user_id),
    (select user_id from darkroom.tombstones where user_id = p_user_id),
    (select user_id from darkroom.stripe_customers where customer_id = p_customer),
    (select user_id from public.subscriptions where stripe_customer_id = p_customer order by updated_at desc nulls last limit 1));
$$;
comment on function darkroom.payer(text, text) is 'Who paid: the user that the event names, else the one whose customer it is; null when neither is known.';

create function darkroom.apply_stripe(p_event jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_customer text := p_event ->> 'customer';
  v_purchase jsonb := nullif(p_event -> 'purchase', 'null');
  v_subscription jsonb := nullif(p_event -> 'subscription', 'null');
  v_credits integer := (v_purchase ->> 'credits')::integer;
  v_user_id text := darkroom.payer(p_event ->> 'user_id', v_customer);
  v_unknown text := (select string_agg(price, ', ') from jsonb_array_elements_text(v_purchase -> 'unknown_prices') price);
  v_outcome text := 'ignored';
begin
  if v_user_id is null then
    return jsonb_build_object('outcome',
      case when coalesce(v_credits, 0) > 0 or v_unknown is not null or v_subscription is not null
        then 'unknown_user' else 'ignored' end);
  end if;
  perform from public.users where id = v_user_id for no key update;
  if v_customer is not null then
    insert into darkroom.stripe_customers (customer_id, user_id) values (v_customer, v_user_id) on conflict do nothing;
  end if;
  if darkroom.is_deleted(v_user_id) then
    return jsonb_build_object('user_id', v_user_id, 'outcome',
      case when v_purchase is not null or darkroom.is_live(v_subscription ->> 'status') then 'deleted_user' else 'ignored' end);
  end if;

  if v_credits > 0 then
    insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
      values (v_user_id, 'purchase', v_credits, 0, v_purchase ->> 'reference', v_purchase ->> 'reason')
      on conflict (reference) do nothing;
    v_outcome := 'applied';
  elsif v_unknown is not null then
    v_outcome := 'unknown_price';
  end if;
  if v_subscription is not null then
    v_outcome := darkroom.keep_subscription(v_user_id, v_customer, v_subscription, (p_event ->> 'created_at')::timestamptz);
  elsif v_purchase is null and v_customer is not null then
    v_outcome := 'applied';
  end if;
  return jsonb_build_object('outcome', v_outcome, 'user_id', v_user_id,
    'note', coalesce('not in STRIPE_PRICE_CREDITS: ' || v_unknown, v_purchase ->> 'note'));
end
$$;
comment on function darkroom.apply_stripe(jsonb) is
  'What an event does: links the customer, books the credits once per reference, keeps the subscription: {outcome, user_id, note}. Safe to repeat.';

create function darkroom.keep_subscription(p_user_id text, p_customer text, p_subscription jsonb, p_event_at timestamptz)
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
        -- A canceled subscription never comes back, whatever arrives later.
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
      -- One that runs and that only the native app has written down is not replaced by the end of another.
      where darkroom.is_live(excluded.status) or not darkroom.is_live(s.status)
        or s.stripe_subscription_id is null
        or s.stripe_subscription_id in (select id from darkroom.stripe_subscriptions where user_id = p_user_id);
  return 'applied';
end
$$;
comment on function darkroom.keep_subscription(text, text, jsonb, timestamptz) is
  'Notes a subscription''s state unless a later one is known (stale), and shows the user''s best one in public.subscriptions: one that runs, else the latest.';

create function public.take_stripe_event(p_event jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_seen public.webhook_events;
  v_result jsonb;
begin
  -- One event of a customer at a time, so that none is looked at while the link to its user is being made.
  perform pg_advisory_xact_lock(hashtextextended('stripe:' || coalesce(p_event ->> 'customer', p_event ->> 'id'), 0));
  select * into v_seen from public.webhook_events where source = 'stripe' and id = p_event ->> 'id';
  if v_seen.outcome in ('applied', 'ignored', 'stale') then
    return jsonb_build_object('outcome', v_seen.outcome, 'repeated', true, 'user_id', v_seen.user_id);
  end if;
  v_result := darkroom.apply_stripe(p_event);
  insert into public.webhook_events as w (source, id, type, created_at, received_at, outcome, user_id, note, detail)
    values ('stripe', p_event ->> 'id', p_event ->> 'type', (p_event ->> 'created_at')::timestamptz, darkroom.now(),
      v_result ->> 'outcome', v_result ->> 'user_id', v_result ->> 'note', p_event)
    on conflict (source, id) do update
      set received_at = excluded.received_at, outcome = excluded.outcome, user_id = excluded.user_id,
          note = excluded.note, detail = excluded.detail;
  if p_event ->> 'customer' is not null and v_result ->> 'user_id' is not null then
    perform darkroom.settle_waiting(w.id, w.detail) from (
      select id, detail from public.webhook_events
      where source = 'stripe' and outcome = 'unknown_user' and detail ->> 'customer' = p_event ->> 'customer'
      order by created_at
    ) w;
  end if;
  return v_result || '{"repeated": false}';
end
$$;
comment on function public.take_stripe_event(jsonb) is
  'Takes in {id, type, created_at, customer, user_id, purchase: {reference, credits, reason, unknown_prices}, subscription: {id, status, price_id, current_period_end, rank}}: {outcome, repeated, user_id, note}. Credits are booked once per reference, a subscription keeps its latest state, in any order and any number of times. What could not be done yet (unknown_user, unknown_price, deleted_user) is written down, and done when the same event is sent again; what waited for its user, as soon as an event names the user.';

create function darkroom.settle_waiting(p_id text, p_event jsonb) returns void
language sql set search_path = '' as $$
  update public.webhook_events w
    set outcome = r.result ->> 'outcome', user_id = r.result ->> 'user_id', note = r.result ->> 'note'
    from (select darkroom.apply_stripe(p_event) as result) r
    where w.source = 'stripe' and w.id = p_id;
$$;
comment on function darkroom.settle_waiting(text, jsonb) is 'Does what an event that waited for its user was to do.';

create function darkroom.retry_waiting(p_limit integer) returns void
language plpgsql set search_path = '' as $$
declare
  v_event record;
begin
  -- By user, as everybody locks them.
  for v_event in
    select w.id, w.detail, darkroom.payer(w.detail ->> 'user_id', w.detail ->> 'customer') as user_id
    from public.webhook_events w
    where w.outcome = 'unknown_user' and w.received_at > darkroom.now() - interval '90 days'
      and darkroom.payer(w.detail ->> 'user_id', w.detail ->> 'customer') is not null
    order by user_id, w.created_at limit p_limit
  loop
    if pg_try_advisory_xact_lock(hashtextextended('stripe:' || coalesce(v_event.detail ->> 'customer', v_event.id), 0)) then
      perform darkroom.settle_waiting(v_event.id, v_event.detail);
    end if;
  end loop;
end
$$;
comment on function darkroom.retry_waiting(integer) is 'Lets events through whose user has become known. Whoever works on one is left alone.';

-- Closed by name, because default privileges open every new function.
do $$
declare
  v_function regprocedure;
begin
  for v_function in
    select p.oid::regprocedure from pg_catalog.pg_proc p
    where p.pronamespace = 'darkroom'::regnamespace
      or (p.pronamespace = 'public'::regnamespace and p.proname in ('take_stripe_event'))
  loop
    execute format('revoke all on function %s from public, anon, authenticated', v_function);
    execute format('grant execute on function %s to service_role', v_function);
  end loop;
end
$$;
-- What a user's own statements run through.
grant execute on function darkroom.now(), darkroom.free_email(text, text), darkroom.is_deleted(text)
  to anon, authenticated;
