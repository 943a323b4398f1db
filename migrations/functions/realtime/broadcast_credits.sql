-- Every new balance is one message {credits} to its user.
create or replace function darkroom.broadcast_credits() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform darkroom.broadcast(new.id, 'credits', jsonb_build_object('credits', new.credits));
  return null;
end
$$;

revoke all on function darkroom.broadcast_credits from public, anon, authenticated;
