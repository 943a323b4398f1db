-- The priority of a new job, 1 first: 1001, and 100 for each active job of the user divided by the plan's weight. It
-- starts at 1001 so that a job that has waited, or has lost its worker, can come before the first jobs of others. The
-- row keeps this value.
create or replace function darkroom.starting_priority(p_active integer, p_weight integer) returns integer
language sql immutable set search_path = '' as $$
  select least(2000000, 1001 + (p_active * 100) / p_weight);
$$;

revoke all on function darkroom.starting_priority from public, anon, authenticated;
