-- Books a balance that was written into users directly, so that credits = sum(ledger) for every writer.
create or replace function darkroom.book_direct_change() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id text := coalesce(new.id, old.id);
  v_amount integer := coalesce(new.credits, 0) - coalesce(old.credits, 0);
  v_by_user boolean := coalesce(current_setting('role', true), '') in ('anon', 'authenticated');
begin
  -- A movement of the ledger itself: known by the trigger depth, which no client can forge; the setting only
  -- distinguishes it from another trigger that writes credits.
  if pg_trigger_depth() > 1 and coalesce(current_setting('darkroom.moving', true), '') = v_user_id then
    return null;
  end if;
  if v_amount <> 0 then
    insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason) values (
      v_user_id,
      case when v_by_user then 'native_app' else 'adjustment' end,
      v_amount,
      coalesce(new.credits, 0),
      'direct:' || gen_random_uuid(),
      case tg_op when 'INSERT' then 'Row made by ' when 'DELETE' then 'Row removed by ' else 'Balance set by ' end
        || case when v_by_user then 'the app' else session_user::text end);
  end if;
  return null;
end
$$;

revoke all on function darkroom.book_direct_change from public, anon, authenticated;
