-- What this user's managed job was asked to make, with its status; null for another user's. custom_prompt_id only
-- while that prompt still has the same text.
create or replace function public.job_input(p_job_id uuid, p_user_id text) returns jsonb
language sql stable security definer set search_path = '' as $$
  select jsonb_build_object('status', j.status, 'prompt', j.prompt,
    'custom_prompt_id', (select c.id from public.custom_prompts c
      where c.id = j.custom_prompt_id and c.user_id = j.user_id and c.prompt_text = j.prompt),
    'input_image_key', j.input_image_key, 'aspect_ratio', j.aspect_ratio, 'image_size', j.image_size,
    'model_requested', j.model_requested, 'fallback', r.fallback, 'metadata', j.metadata)
  from public.image_generation_jobs j join public.job_runs r on r.job_id = j.id
  where j.id = p_job_id and j.user_id = p_user_id and j.managed;
$$;

revoke all on function public.job_input from public, anon, authenticated;
grant execute on function public.job_input to service_role;
