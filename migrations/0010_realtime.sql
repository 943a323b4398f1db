-- Supabase Realtime: clients hear of their jobs and of their balance, as changes of the tables or as messages on a
-- topic of their own, `user:<id>`.
set local lock_timeout = '5s';

-- A Postgres that is not Supabase gets the same few things in their smallest form, as it gets auth.jwt().
do $$
begin
  if to_regnamespace('realtime') is not null then
    return;
  end if;
  create schema realtime;
  create table realtime.messages (
    topic text not null,
    extension text not null,
    payload jsonb,
    event text,
    private boolean default false,
    updated_at timestamp not null default now(),
    inserted_at timestamp not null default now(),
    id uuid not null default gen_random_uuid(),
    primary key (id, inserted_at)
  );
  comment on table realtime.messages is 'What realtime.send sends; its policies say who may join a private topic.';
  alter table realtime.messages enable row level security;

  create function realtime.topic() returns text language sql stable as
    $f$ select nullif(current_setting('realtime.topic', true), '') $f$;
  comment on function realtime.topic() is 'The topic that is being joined or sent to.';

  create function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
  language plpgsql as $f$
  declare
    v_id uuid := gen_random_uuid();
  begin
    perform set_config('realtime.topic', send.topic, true);
    insert into realtime.messages (id, payload, event, topic, private, extension) values (
      v_id,
      case when send.payload ? 'id' then send.payload else send.payload || jsonb_build_object('id', v_id) end,
      send.event, send.topic, send.private, 'broadcast');
  exception when others then
    raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
  end
  $f$;
  comment on function realtime.send(jsonb, text, text, boolean) is
    'Sends a message to everybody on the topic when the transaction commits. Never fails the caller.';

  grant usage on schema realtime to anon, authenticated, service_role;
  grant select, insert, update on realtime.messages to anon, authenticated, service_role;
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime_messages_publication') then
    create publication supabase_realtime_messages_publication for table realtime.messages;
  end if;
end
$$;

-- The replica identity of users stays its primary key: an old row would carry the e-mail once more and tell nothing new.
do $$
declare
  v_table text;
begin
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
  end if;
  foreach v_table in array array['image_generation_jobs', 'users'] loop
    if not exists (
      select from pg_catalog.pg_publication_tables
      where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = v_table
    ) then
      execute format('alter publication supabase_realtime add table public.%I', v_table);
    end if;
  end loop;
end
$$;

create function darkroom.tell_user(p_user_id text, p_event text, p_payload jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if to_regprocedure('realtime.send(jsonb, text, text, boolean)') is not null then
    perform realtime.send(p_payload, p_event, 'user:' || p_user_id, true);
  end if;
exception when others then
  raise warning 'user:% was not told of %: %', p_user_id, p_event, sqlerrm;
end
$$;
comment on function darkroom.tell_user(text, text, jsonb) is
  'Sends a message on the private topic user:<id>, if this database has Realtime. Never fails the write that it tells of.';

create function darkroom.tell_job() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform darkroom.tell_user(new.user_id, 'job', jsonb_build_object('job', darkroom.job_object(new)));
  return null;
end
$$;
comment on function darkroom.tell_job() is 'Every version of a managed job is one message {job} to its user.';

create function darkroom.tell_credits() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform darkroom.tell_user(new.id, 'credits', jsonb_build_object('credits', new.credits));
  return null;
end
$$;
comment on function darkroom.tell_credits() is 'Every new balance is one message {credits} to its user.';

create trigger tell_new_job after insert on public.image_generation_jobs
  for each row when (new.managed) execute function darkroom.tell_job();
create trigger tell_job after update on public.image_generation_jobs
  for each row when (new.managed and new.version is distinct from old.version) execute function darkroom.tell_job();
create trigger tell_credits after update on public.users
  for each row when (new.credits is distinct from old.credits) execute function darkroom.tell_credits();

create function darkroom.guard_topics() returns boolean
language plpgsql set search_path = '' as $$
begin
  if to_regclass('realtime.messages') is null or to_regprocedure('realtime.topic()') is null then
    return false;
  end if;
  if exists (select from pg_catalog.pg_policies
      where schemaname = 'realtime' and tablename = 'messages' and policyname = 'darkroom_own_topic') then
    return true;
  end if;
  create policy darkroom_own_topic on realtime.messages for select to authenticated
    using (extension = 'broadcast' and (select realtime.topic()) = 'user:' || (select auth.jwt() ->> 'sub'));
  -- A live project may let everybody read every topic, or write to it: not to these.
  create policy darkroom_own_topic_only on realtime.messages as restrictive for select to anon, authenticated
    using (coalesce((select realtime.topic()), '') not like 'user:%'
      or coalesce((select realtime.topic()) = 'user:' || (select auth.jwt() ->> 'sub'), false));
  create policy darkroom_server_tells on realtime.messages as restrictive for insert to anon, authenticated
    with check (topic not like 'user:%' and coalesce((select realtime.topic()), '') not like 'user:%');
  return true;
end
$$;
comment on function darkroom.guard_topics() is
  'Lets a signed-in user join the private topic user:<own id>, nobody another''s, and no client write to any. False where Realtime has not made its tables yet: call it again once it has. Safe to repeat.';
select darkroom.guard_topics();

revoke all on function darkroom.tell_user(text, text, jsonb), darkroom.tell_job(), darkroom.tell_credits(),
  darkroom.guard_topics() from public, anon, authenticated;
grant execute on function darkroom.tell_user(text, text, jsonb) to service_role;
