-- Whether a subscription of this status is running.
create or replace function darkroom.is_live(p_status text) returns boolean
language sql immutable set search_path = '' as $$
  select lower(p_status) in ('active', 'trialing', 'past_due');
$$;

revoke all on function darkroom.is_live from public, anon, authenticated;
