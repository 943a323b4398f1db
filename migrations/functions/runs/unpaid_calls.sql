-- How many of these calls nobody pays for, because the service rejected them: a job that waits for capacity does not
-- use up its calls.
create or replace function darkroom.unpaid_calls(p_calls jsonb) returns integer
language sql immutable set search_path = '' as $$
  select count(*)::integer from jsonb_array_elements(coalesce(p_calls, '[]')) entry
  where darkroom.call_is_unpaid(entry ->> 'code');
$$;

revoke all on function darkroom.unpaid_calls from public, anon, authenticated;
