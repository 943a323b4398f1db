-- The webhook deliveries of this job of this user, in the order their events happened.
create or replace function public.list_deliveries(p_job_id uuid, p_user_id text) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(found), '[]') from (
    select id, type, url, status, attempts, next_attempt_at, last_status, last_error, created_at, delivered_at
    from public.webhook_deliveries where job_id = p_job_id and user_id = p_user_id
    order by created_at, id
  ) found;
$$;

revoke all on function public.list_deliveries from public, anon, authenticated;
grant execute on function public.list_deliveries to service_role;
