-- The key of one of our objects in a URL of it, whatever host serves the bucket; null where there is none. Without a
-- search_path of its own, so that the planner inlines it and uses the indexes on this expression.
create or replace function darkroom.key_in(p_url text) returns text
language sql immutable parallel safe as $$
  select substring(p_url from '(users/[A-Za-z0-9_~-]+/(?:uploads|jobs)/[A-Za-z0-9_~./-]+)');
$$;

revoke all on function darkroom.key_in from public, anon, authenticated;
