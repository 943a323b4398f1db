-- Sends a message on the private topic user:<id>, if this database has Realtime. Never fails the write that it
-- reports.
create or replace function darkroom.broadcast(p_user_id text, p_event text, p_payload jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is not null then
    perform realtime.send(p_payload, p_event, 'user:' || p_user_id, true);
  end if;
exception when others then
  raise warning 'the message % to user:% was not sent: %', p_event, p_user_id, sqlerrm;
end
$$;

revoke all on function darkroom.broadcast from public, anon, authenticated;
