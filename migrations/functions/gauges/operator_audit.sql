-- Counts the rows of credit_audit and keeps the number for operator_gauges. Reads everything that was ever booked and
-- may take a minute, so it sets its own time limit, which the Data API grants.
create or replace function public.operator_audit() returns integer
language plpgsql security definer set search_path = '' set statement_timeout = '60s' as $$
declare
  v_problems integer := (select count(*) from public.credit_audit);
begin
  update darkroom.operator_state set audit_problems = v_problems, audited_at = darkroom.now();
  return v_problems;
end
$$;

revoke all on function public.operator_audit from public, anon, authenticated;
grant execute on function public.operator_audit to service_role;
