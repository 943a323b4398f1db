-- Every change of a job raises its version by one; nothing else can set it.
create or replace function darkroom.touch_job() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new is distinct from old then
    new.version := old.version + 1;
    if new.managed then
      new.updated_at := darkroom.now();
    end if;
  end if;
  return new;
end
$$;

revoke all on function darkroom.touch_job from public, anon, authenticated;
