-- Applies an event that waited for its user.
create or replace function darkroom.settle_waiting(p_id text, p_event jsonb) returns void
language sql set search_path = '' as $$
  update public.webhook_events w
    set outcome = r.result ->> 'outcome', user_id = r.result ->> 'user_id', note = r.result ->> 'note'
    from (select darkroom.apply_stripe(p_event) as result) r
    where w.source = 'stripe' and w.id = p_id;
$$;

revoke all on function darkroom.settle_waiting from public, anon, authenticated;
