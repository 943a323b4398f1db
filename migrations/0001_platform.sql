-- What Supabase brings, for a Postgres that is not Supabase: its API roles, auth.jwt() and the parts of Realtime that the
-- functions use. On Supabase none of this changes anything.

-- Roles belong to the whole server: another database may be creating them at the same moment.
do $$
declare
  v_role text;
begin
  foreach v_role in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      begin
        execute format('create role %I nologin noinherit %s', v_role,
          case v_role when 'service_role' then 'bypassrls' else '' end);
        execute format('alter role %I set statement_timeout = %L', v_role,
          case v_role when 'anon' then '3s' else '8s' end);
      exception when duplicate_object or unique_violation then null;
      end;
    end if;
    if not pg_catalog.pg_has_role(current_user, v_role, 'member') then
      execute format('grant %I to %I', v_role, current_user);
    end if;
  end loop;
end
$$;

do $$
begin
  if to_regnamespace('auth') is null then
    create schema auth;
  end if;
  if to_regprocedure('auth.jwt()') is null then
    create function auth.jwt() returns jsonb language sql stable as
      $f$ select nullif(current_setting('request.jwt.claims', true), '')::jsonb $f$;
    comment on function auth.jwt() is 'The claims of the caller''s token, or null.';
    grant usage on schema auth to anon, authenticated, service_role;
    grant execute on function auth.jwt() to anon, authenticated, service_role;
  end if;
end
$$;

grant usage on schema public to anon, authenticated, service_role;

-- Helpers and triggers are in this schema; PostgREST does not expose it.
create schema if not exists darkroom;
revoke all on schema darkroom from public;
grant usage on schema darkroom to anon, authenticated, service_role;

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
  comment on table realtime.messages is 'Messages of realtime.send; the policies decide who may join a private topic.';
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
