-- At most p_limit jobs of this user, newest first, all or of one status, starting after the one of p_before and
-- p_before_id. A page cannot miss or repeat a row, whatever is created meanwhile.
create or replace function public.list_jobs(
  p_user_id text,
  p_limit integer,
  p_status text default null,
  p_before timestamptz default null,
  p_before_id uuid default null
) returns json
language sql stable security definer set search_path = '' as $$
  select coalesce(json_agg(darkroom.job_in_order(found.j)), '[]') from (
    select j from public.image_generation_jobs j
    where user_id = p_user_id and (p_status is null or status = p_status)
      and (created_at, id) < (coalesce(p_before, 'infinity'), coalesce(p_before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
    order by created_at desc, id desc limit p_limit
  ) found;
$$;

revoke all on function public.list_jobs from public, anon, authenticated;
grant execute on function public.list_jobs to service_role;
