-- Whether the job still holds personal data.
create or replace function darkroom.is_personal(p_job public.image_generation_jobs) returns boolean
language sql immutable set search_path = '' as $$
  select p_job.prompt is not null or p_job.custom_prompt_id is not null or p_job.input_image_key is not null
    or p_job.metadata is not null or p_job.thumbnail_url is not null
    or coalesce(p_job.output_image_url, 'urn:darkroom:erased') <> 'urn:darkroom:erased';
$$;

revoke all on function darkroom.is_personal from public, anon, authenticated;
