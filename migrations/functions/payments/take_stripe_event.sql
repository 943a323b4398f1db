-- Applies {id, type, created_at, customer, user_id, purchase: {reference, credits, reason, unknown_prices},
-- subscription: {id, status, price_id, current_period_end, rank}}: {outcome, repeated, user_id, note}. Credits are
-- booked once per reference, a subscription keeps its latest state, in any order and any number of times. What cannot
-- be applied yet (unknown_user, unknown_price, deleted_user) is recorded, and applied when the same event is sent
-- again; what waits for its user, as soon as an event names the user.
create or replace function public.take_stripe_event(p_event jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_seen public.webhook_events;
  v_result jsonb;
begin
  -- One event of a customer at a time, so that none is read while the link to its user is being created.
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

revoke all on function public.take_stripe_event from public, anon, authenticated;
grant execute on function public.take_stripe_event to service_role;
