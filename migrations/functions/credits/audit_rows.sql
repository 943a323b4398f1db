-- Rows of credit_audit, at most p_limit: [{scope, id, user_id, problem, expected, actual}]. Reads everything that was
-- ever booked and may take a minute, so it sets its own time limit, which the Data API grants.
create or replace function public.audit_rows(p_limit integer default 1000) returns jsonb
language sql stable security definer set search_path = '' set statement_timeout = '60s' as $$
  select coalesce(jsonb_agg(to_jsonb(found)), '[]')
  from (select * from public.credit_audit limit greatest(p_limit, 0)) found;
$$;

revoke all on function public.audit_rows from public, anon, authenticated;
grant execute on function public.audit_rows to service_role;
