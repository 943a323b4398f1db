-- Applies the movement to the balance. After the insert and not before, so that a reference that was booked already
-- moves nothing.
create or replace function darkroom.move_balance() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if pg_trigger_depth() > 1 then
    return null;
  end if;
  perform set_config('darkroom.moving', new.user_id, true);
  update public.users set credits = new.balance_after, updated_at = darkroom.now() where id = new.user_id;
  perform set_config('darkroom.moving', '', true);
  return null;
end
$$;

revoke all on function darkroom.move_balance from public, anon, authenticated;
