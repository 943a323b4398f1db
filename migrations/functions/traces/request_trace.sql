-- The trace that the server's request names in its header x-darkroom-trace; null without one, and for a malformed
-- one.
create or replace function darkroom.request_trace() returns text
language sql stable set search_path = '' as $$
  select substring(nullif(current_setting('request.headers', true), '')::jsonb ->> 'x-darkroom-trace'
    from '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$');
$$;

revoke all on function darkroom.request_trace from public, anon, authenticated;
