-- The state of the deployment for operators: {pending, processing, oldest_pending_s, oldest_unfinished_s, overdue_s,
-- ended [[status, code, n]], credits [[kind, in|out, credits]], refunds [[code, n]], unsettled_refunds (of the last
-- day), drift_credits, webhook_lag_s, workers, reading_age_s, audit_problems, audit_age_s, audit_is_yours}. Counts
-- only grow. Computed every ten seconds at most, by one of however many ask. audit_is_yours: this caller should call
-- operator_audit(), which happens every 15 minutes.
create or replace function public.operator_gauges() returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_state darkroom.operator_state;
  v_turn boolean;
  v_take_audit boolean;
begin
  select * into v_state from darkroom.operator_state;
  if v_state.read_at is null or v_state.read_at not between v_now - interval '10 seconds' and v_now then
    perform from darkroom.operator_state for update skip locked;
    v_turn := found;
    -- One of those who wait for the same reading computes it; the others use the last one.
    if v_turn or v_state.reading is null then
      if v_turn then
        perform darkroom.advance_totals();
      end if;
      v_state.reading := darkroom.read_gauges();
      v_state.read_at := v_now;
    end if;
    if v_turn then
      select * into v_state.audited_at, v_state.audit_problems, v_state.audit_taken_at
        from (select audited_at, audit_problems, audit_taken_at from darkroom.operator_state) latest;
      v_take_audit := v_state.audit_taken_at is null or v_state.audit_taken_at < v_now - interval '15 minutes';
      update darkroom.operator_state
        set reading = v_state.reading, read_at = v_now,
            audit_taken_at = case when v_take_audit then v_now else audit_taken_at end;
    end if;
  end if;
  return v_state.reading || jsonb_build_object(
    'reading_age_s', greatest(0, extract(epoch from v_now - v_state.read_at)),
    'audit_problems', v_state.audit_problems,
    'audit_age_s', extract(epoch from v_now - v_state.audited_at),
    'audit_is_yours', coalesce(v_take_audit, false));
end
$$;

revoke all on function public.operator_gauges from public, anon, authenticated;
grant execute on function public.operator_gauges to service_role;
