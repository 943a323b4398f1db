-- Applies an event: links the customer, books the credits once per reference, stores the subscription: {outcome,
-- user_id, note}. Safe to repeat.
create or replace function darkroom.apply_stripe(p_event jsonb) returns jsonb
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

revoke all on function darkroom.apply_stripe from public, anon, authenticated;
