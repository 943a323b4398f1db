-- A user's own role cannot create, change or delete a managed job.
create or replace function darkroom.guard_job() returns trigger
language plpgsql set search_path = '' as $$
begin
  if current_user in ('anon', 'authenticated')
    and ((tg_op <> 'DELETE' and new.managed) or (tg_op <> 'INSERT' and old.managed)) then
    raise exception 'this job is run by the server: create, cancel and retry it through the API'
      using errcode = '42501';
  end if;
  return coalesce(new, old);
end
$$;

revoke all on function darkroom.guard_job from public, anon, authenticated;
