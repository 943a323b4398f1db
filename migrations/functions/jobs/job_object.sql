-- The job as every channel shows it.
create or replace function darkroom.job_object(p_job public.image_generation_jobs) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(p_job) - 'managed';
$$;

revoke all on function darkroom.job_object from public, anon, authenticated;
