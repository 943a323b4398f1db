-- The line begins at 1001, not at 1: what has waited, or has lost its worker, can come before the first jobs of others.
set local lock_timeout = '5s';

create or replace function darkroom.priority_of(p_active integer, p_weight integer, p_age interval) returns integer
language sql immutable set search_path = '' as $$
  select greatest(1, least(2000000,
    1001 + (p_active * 100) / p_weight - (extract(epoch from p_age) / 6)::integer));
$$;
comment on function darkroom.priority_of(integer, integer, interval) is
  'BullMQ priority, 1 first: 1001, and 100 for each active job of the user divided by the plan''s weight, 10 off for each minute of waiting.';
