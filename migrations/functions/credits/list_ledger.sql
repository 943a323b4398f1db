-- At most p_limit movements of this user's credits, newest first, starting after the one of p_before.
create or replace function public.list_ledger(p_user_id text, p_limit integer, p_before bigint default null) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(found), '[]') from (
    select id, job_id, kind, amount, balance_after, reference, reason, created_at
    from public.credit_ledger
    where user_id = p_user_id and id < coalesce(p_before, 9223372036854775807)
    order by id desc limit p_limit
  ) found;
$$;

revoke all on function public.list_ledger from public, anon, authenticated;
grant execute on function public.list_ledger to service_role;
