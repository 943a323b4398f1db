-- Another step of an account's erasure, after a pass that removed its stored objects; p_objects_left says whether any
-- remain. Returns true when nothing can be left: the last check comes 20 minutes after the deletion. Safe to repeat. Raises DR404 for an
-- account that was not deleted.
create or replace function public.continue_erasure(p_user_id text, p_objects_left boolean) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_last timestamptz;
  v_left boolean;
begin
  -- The last check comes later than any run and any signed upload of the account can last.
  select deleted_at + interval '20 minutes' into v_last from darkroom.tombstones where user_id = p_user_id;
  if not found then
    raise exception 'this account was not deleted: %', p_user_id using errcode = 'DR404';
  end if;
  v_left := (darkroom.erase_user(p_user_id) ->> 'left')::boolean or p_objects_left;
  update darkroom.tombstones
    set due_at = case when v_left then v_now when v_now < v_last then v_last end
    where user_id = p_user_id;
  return not v_left and v_now >= v_last;
end
$$;

revoke all on function public.continue_erasure from public, anon, authenticated;
grant execute on function public.continue_erasure to service_role;
