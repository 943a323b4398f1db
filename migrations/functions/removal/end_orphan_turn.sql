-- Ends a turn of the search for orphans: the next starts after this key in a minute, or from the beginning in an hour
-- when p_after is null.
create or replace function public.end_orphan_turn(p_after text) returns void
language sql security definer set search_path = '' as $$
  update darkroom.orphan_round
    set after_key = p_after,
        due_at = darkroom.now() + case when p_after is null then interval '1 hour' else interval '1 minute' end;
$$;

revoke all on function public.end_orphan_turn from public, anon, authenticated;
grant execute on function public.end_orphan_turn to service_role;
