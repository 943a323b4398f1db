-- Records that these objects are gone from the store. Safe to repeat.
create or replace function public.confirm_removed(p_keys text[]) returns void
language sql security definer set search_path = '' as $$
  delete from darkroom.object_removals where key = any (p_keys);
$$;

revoke all on function public.confirm_removed from public, anon, authenticated;
grant execute on function public.confirm_removed to service_role;
