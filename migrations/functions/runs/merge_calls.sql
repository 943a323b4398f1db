-- The log of model calls, updated with p_calls by call number.
create or replace function darkroom.merge_calls(p_log jsonb, p_calls jsonb) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_agg(entry order by (entry ->> 'call')::integer), '[]'::jsonb)
  from (
    select distinct on (entry ->> 'call') entry
    from (
      select entry, 1 as rank from jsonb_array_elements(coalesce(p_calls, '[]')) entry
      union all
      select entry, 2 from jsonb_array_elements(p_log) entry
    ) both_logs
    order by entry ->> 'call', rank
  ) latest;
$$;

revoke all on function darkroom.merge_calls from public, anon, authenticated;
