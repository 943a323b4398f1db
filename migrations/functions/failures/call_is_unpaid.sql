-- Whether a model call that ended with this code cost nothing, because the service rejected it.

-- Written from packages/core/src/job/failure.ts by `npm run schema`.
create or replace function darkroom.call_is_unpaid(p_code text) returns boolean
language sql immutable set search_path = '' as $$
  select p_code in ('model_unavailable', 'rate_limited', 'provider_misconfigured');
$$;

revoke all on function darkroom.call_is_unpaid from public, anon, authenticated;
