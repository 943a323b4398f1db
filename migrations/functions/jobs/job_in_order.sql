-- The fields of a job as every channel shows it, in the order of the API contract.
create or replace function darkroom.job_in_order(p_job public.image_generation_jobs) returns json
language sql stable set search_path = '' as $$
  select row_to_json(shown) from (
    select p_job.id, p_job.user_id, p_job.status, p_job.progress, p_job.stage, p_job.version, p_job.prompt,
      p_job.custom_prompt_id, p_job.input_image_key, p_job.output_image_url, p_job.thumbnail_url, p_job.width, p_job.height,
      p_job.mime_type, p_job.model_requested, p_job.model, p_job.aspect_ratio, p_job.image_size, p_job.attempt,
      p_job.error_code, p_job.error_message, p_job.receipt, p_job.metadata, p_job.retry_of, p_job.created_at,
      p_job.started_at, p_job.updated_at, p_job.completed_at, p_job.deadline_at
  ) shown;
$$;

revoke all on function darkroom.job_in_order from public, anon, authenticated;
