-- Deletes an account for good: {canceled, left, live_subscription}. The id, the ledger and what jobs cost stay;
-- e-mail, prompts, images and their addresses go, unfinished jobs are canceled and refunded, the balance is booked
-- out. Its stored objects, and what exceeds one call, follow through claim_removals. Safe to repeat, and before the
-- user was ever seen.
create or replace function public.delete_user(p_user_id text) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_subscription text := (select stripe_subscription_id from public.subscriptions
    where user_id = p_user_id and darkroom.is_live(status));
begin
  if coalesce(p_user_id, '') = '' then
    raise exception 'p_user_id is empty' using errcode = 'DR400';
  end if;
  insert into darkroom.tombstones (user_id, deleted_at, due_at) values (p_user_id, darkroom.now(), darkroom.now())
    on conflict do nothing;
  return darkroom.erase_user(p_user_id) || jsonb_build_object('live_subscription', v_subscription);
end
$$;

revoke all on function public.delete_user from public, anon, authenticated;
grant execute on function public.delete_user to service_role;
