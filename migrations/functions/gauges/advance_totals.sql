-- Adds to the totals what is more than an hour old, at most a day of it: no transaction lasts that long, so nothing
-- can still be added there. After a pause in which nobody asked, one call after another catches up. Waits for no
-- lock; one caller at a time does it.
create or replace function darkroom.advance_totals() returns void
language plpgsql set search_path = '' as $$
declare
  v_until timestamptz := date_trunc('hour', darkroom.now()) - interval '1 hour';
  v_from timestamptz;
begin
  select counted_until into v_from from darkroom.operator_state for update skip locked;
  if not found or v_from >= v_until then
    return;
  end if;
  if isfinite(v_from) then
    v_until := least(v_until, v_from + interval '1 day');
  end if;
  insert into darkroom.operator_totals as t (what, label, detail, count, credits)
    select what, label, detail, count, credits from darkroom.totals_between(v_from, v_until)
    on conflict (what, label, detail) do update
      set count = t.count + excluded.count, credits = t.credits + excluded.credits;
  update darkroom.operator_state set counted_until = v_until;
end
$$;

revoke all on function darkroom.advance_totals from public, anon, authenticated;
