-- Whether the job is still held under this attempt. After a cancel, an ending or another claim it is not, and a write
-- that names the attempt changes nothing.
create or replace function darkroom.is_claimed(p_job public.image_generation_jobs, p_attempt integer) returns boolean
language sql immutable set search_path = '' as $$
  select p_job.id is not null and p_job.managed and p_job.status = 'processing' and p_job.attempt = p_attempt;
$$;

revoke all on function darkroom.is_claimed from public, anon, authenticated;
