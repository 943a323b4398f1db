-- True, as soon as the database can read its tables and knows the server.
create or replace function public.ping_database() returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  perform from public.workers limit 1;
  return true;
end
$$;

revoke all on function public.ping_database from public, anon, authenticated;
grant execute on function public.ping_database to service_role;
