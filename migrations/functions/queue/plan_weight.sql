-- The weight of the user's plan: 4 with a live paid subscription, otherwise 1. That many active jobs count as one job
-- of a user without a plan.
create or replace function darkroom.plan_weight(p_user_id text) returns integer
language sql stable set search_path = '' as $$
  select case when exists (
    select from public.subscriptions
    where user_id = p_user_id and lower(status) not in ('free', 'canceled', 'cancelled', 'unpaid', 'incomplete', 'incomplete_expired')
      and (current_period_end is null or current_period_end > darkroom.now())
  ) then 4 else 1 end;
$$;

revoke all on function darkroom.plan_weight from public, anon, authenticated;
