-- Lets a signed-in user join the private topic user:<own id> and no other user's, and no client write to any. False
-- where Realtime has not created its tables yet: call it again once it has. Safe to repeat.
create or replace function darkroom.guard_topics() returns boolean
language plpgsql set search_path = '' as $$
begin
  if to_regclass('realtime.messages') is null or to_regprocedure('realtime.topic()') is null then
    return false;
  end if;
  drop policy if exists darkroom_own_topic on realtime.messages;
  drop policy if exists darkroom_own_topic_only on realtime.messages;
  drop policy if exists darkroom_server_sends on realtime.messages;
  create policy darkroom_own_topic on realtime.messages for select to authenticated
    using (extension = 'broadcast' and (select realtime.topic()) = 'user:' || (select auth.jwt() ->> 'sub'));
  -- A live project may let everybody read or write every topic; these policies close the users' own.
  create policy darkroom_own_topic_only on realtime.messages as restrictive for select to anon, authenticated
    using (coalesce((select realtime.topic()), '') not like 'user:%'
      or coalesce((select realtime.topic()) = 'user:' || (select auth.jwt() ->> 'sub'), false));
  create policy darkroom_server_sends on realtime.messages as restrictive for insert to anon, authenticated
    with check (topic not like 'user:%' and coalesce((select realtime.topic()), '') not like 'user:%');
  return true;
end
$$;

revoke all on function darkroom.guard_topics from public, anon, authenticated;
