-- A deleted account gets no new row by any route while its last token is still valid.
create or replace function darkroom.guard_deleted() returns trigger
language plpgsql set search_path = '' as $$
begin
  if darkroom.is_deleted(new.user_id) then
    raise exception 'this account was deleted' using errcode = 'DR401';
  end if;
  return new;
end
$$;

revoke all on function darkroom.guard_deleted from public, anon, authenticated;
