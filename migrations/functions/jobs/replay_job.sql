-- The job that this user's key created within 48 hours, as {job, balance, charged, replayed}, or null. Raises DR422
-- when the key came with another request.
create or replace function public.replay_job(p_user_id text, p_idempotency_key text, p_request_hash text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_key public.idempotency_keys;
  v_job public.image_generation_jobs;
begin
  select * into v_key from public.idempotency_keys
    where user_id = p_user_id and key = p_idempotency_key and created_at > darkroom.now() - interval '48 hours';
  if not found then
    return null;
  end if;
  if v_key.request_hash <> p_request_hash then
    raise exception 'this Idempotency-Key was used for another request' using errcode = 'DR422',
      detail = jsonb_build_object('job_id', v_key.job_id)::text;
  end if;
  select * into v_job from public.image_generation_jobs where id = v_key.job_id;
  return jsonb_build_object(
    'job', darkroom.job_object(v_job),
    'balance', (select credits from public.users where id = p_user_id),
    'charged', (v_job.receipt ->> 'charged')::integer,
    'replayed', true);
end
$$;

revoke all on function public.replay_job from public, anon, authenticated;
grant execute on function public.replay_job to service_role;
