-- What is to be removed from the store, each given to one caller at a time and again later unless it is confirmed:
-- {keys: of images whose row is gone (confirm_removed), user_ids: of deleted accounts (continue_erasure), orphans:
-- {after} when the search continues there (end_orphan_turn), else null}. A key that an unfinished job starts from
-- waits. Also applies payments whose user has become known.
create or replace function public.claim_removals(p_limit integer default 100) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_keys jsonb;
  v_users jsonb;
  v_turn darkroom.orphan_round;
  v_has_turn boolean;
begin
  with due as (
    select key from darkroom.object_removals r where due_at <= v_now and not darkroom.is_input(r.key)
    order by due_at limit p_limit for update skip locked
  ), taken as (
    update darkroom.object_removals r
      set tries = tries + 1, due_at = v_now + least(interval '1 hour', interval '30 seconds' * (2 ^ least(tries, 10)))
      from due where r.key = due.key returning r.key
  )
  select coalesce(jsonb_agg(key), '[]') into v_keys from taken;

  with due as (
    select user_id from darkroom.tombstones where due_at <= v_now
    order by due_at limit least(p_limit, 10) for update skip locked
  ), taken as (
    update darkroom.tombstones t set due_at = v_now + interval '1 minute' from due where t.user_id = due.user_id
    returning t.user_id
  )
  select coalesce(jsonb_agg(user_id), '[]') into v_users from taken;

  update darkroom.orphan_round set due_at = v_now + interval '10 minutes'
    where due_at <= v_now returning * into v_turn;
  v_has_turn := found;
  if v_has_turn then
    delete from public.webhook_events
      where received_at < v_now - interval '90 days' and outcome not in ('unknown_user', 'unknown_price', 'deleted_user');
  end if;
  perform darkroom.retry_waiting(20);

  return jsonb_build_object('keys', v_keys, 'user_ids', v_users,
    'orphans', case when v_has_turn then jsonb_build_object('after', v_turn.after_key) end);
end
$$;

revoke all on function public.claim_removals from public, anon, authenticated;
grant execute on function public.claim_removals to service_role;
