-- This user's subscription {status, price_id, current_period_end}, or null.
create or replace function public.get_subscription(p_user_id text) returns json
language sql stable security definer set search_path = '' as $$
  select json_build_object('status', status, 'price_id', price_id, 'current_period_end', current_period_end)
    from public.subscriptions where user_id = p_user_id limit 1;
$$;

revoke all on function public.get_subscription from public, anon, authenticated;
grant execute on function public.get_subscription to service_role;
