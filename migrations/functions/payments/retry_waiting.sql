-- Applies events whose user has become known. One that another session is working on is skipped.
create or replace function darkroom.retry_waiting(p_limit integer) returns void
language plpgsql set search_path = '' as $$
declare
  v_event record;
begin
  -- By user id, the order in which users are locked.
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

revoke all on function darkroom.retry_waiting from public, anon, authenticated;
