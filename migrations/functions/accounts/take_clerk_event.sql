-- Applies {id, type: user.created | user.updated | user.deleted, created_at, user_id, email, changed_at} once per id:
-- {outcome, repeated, note}. Creates the user at first sight, sets a verified address unless a later state of the
-- user was reported before (stale) or another user has it (email_taken), deletes the account. In any order, any
-- number of times.
create or replace function public.take_clerk_event(p_event jsonb, p_default_credits integer default 5) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id text := p_event ->> 'user_id';
  v_seen text;
  v_outcome text;
  v_note text;
  v_deleted jsonb;
begin
  perform pg_advisory_xact_lock(hashtextextended('clerk:' || v_user_id, 0));
  select outcome into v_seen from public.webhook_events where source = 'clerk' and id = p_event ->> 'id';
  if found then
    return jsonb_build_object('outcome', v_seen, 'repeated', true);
  end if;
  if p_event ->> 'type' = 'user.deleted' then
    v_deleted := public.delete_user(v_user_id);
    v_outcome := 'applied';
    v_note := case when v_deleted ->> 'live_subscription' is not null
      then 'its subscription still runs: cancel ' || (v_deleted ->> 'live_subscription') || ' at Stripe' end;
  elsif darkroom.is_deleted(v_user_id) then
    v_outcome := 'ignored';
    v_note := 'the account was deleted';
  else
    v_outcome := darkroom.set_email(v_user_id, p_event ->> 'email', (p_event ->> 'changed_at')::timestamptz, p_default_credits);
  end if;
  insert into public.webhook_events (source, id, type, created_at, received_at, outcome, user_id, note)
    values ('clerk', p_event ->> 'id', p_event ->> 'type', (p_event ->> 'created_at')::timestamptz, darkroom.now(),
      v_outcome, v_user_id, v_note);
  return jsonb_build_object('outcome', v_outcome, 'repeated', false, 'note', v_note);
end
$$;

revoke all on function public.take_clerk_event from public, anon, authenticated;
grant execute on function public.take_clerk_event to service_role;
