-- The priority of a delivery that is due at p_due_at: 10 less than the job's for each minute since the job was
-- created.
create or replace function darkroom.delivery_priority(p_priority integer, p_created_at timestamptz, p_due_at timestamptz)
returns integer
language sql immutable set search_path = '' as $$
  select greatest(1, p_priority - (extract(epoch from p_due_at - p_created_at) / 6)::integer);
$$;

revoke all on function darkroom.delivery_priority from public, anon, authenticated;
