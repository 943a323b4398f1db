-- This job of this user as every channel shows it; null for another user's and for one that does not exist.
create or replace function public.get_job(p_job_id uuid, p_user_id text) returns json
language sql stable security definer set search_path = '' as $$
  select darkroom.job_in_order(j) from public.image_generation_jobs j where id = p_job_id and user_id = p_user_id;
$$;

revoke all on function public.get_job from public, anon, authenticated;
grant execute on function public.get_job to service_role;
