-- Image row, status, receipt and the refund of a price difference in one transaction; never charges above the quote.
-- False when the claim was lost: nothing was written, the caller deletes its objects. Safe to repeat.
create or replace function public.complete_job(p_job_id uuid, p_attempt integer, p_image jsonb, p_served_price integer, p_calls jsonb default null)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_price integer;
  v_refund integer;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if v_job.managed and v_job.status = 'completed' and v_job.attempt = p_attempt then
    return true;
  end if;
  if not darkroom.is_claimed(v_job, p_attempt) then
    return false;
  end if;
  update public.job_runs
    set active = false, worker_id = null, delivered_at = null, attempts_log = darkroom.merge_calls(attempts_log, p_calls)
    where job_id = p_job_id returning price into v_price;
  v_refund := greatest(v_price - greatest(p_served_price, 0), 0);
  update public.image_generation_jobs
    set status = 'completed', stage = 'done', progress = 100,
        output_image_url = p_image ->> 'image_url', thumbnail_url = p_image ->> 'thumbnail_url',
        width = (p_image ->> 'width')::integer, height = (p_image ->> 'height')::integer,
        mime_type = p_image ->> 'mime_type', model = p_image ->> 'model',
        error_code = null, error_message = null, completed_at = darkroom.now(),
        receipt = jsonb_build_object('charged', v_price, 'refunded', v_refund, 'net', v_price - v_refund)
    where id = p_job_id;
  insert into public.generated_images (user_id, image_url, prompt, job_id, object_key, thumbnail_key, thumbnail_url,
      sha256, width, height, model, created_at)
    values (v_job.user_id, p_image ->> 'image_url', v_job.prompt, p_job_id, p_image ->> 'object_key',
      p_image ->> 'thumbnail_key', p_image ->> 'thumbnail_url', p_image ->> 'sha256',
      (p_image ->> 'width')::integer, (p_image ->> 'height')::integer, p_image ->> 'model', darkroom.now());
  if v_refund > 0 then
    insert into public.credit_ledger (user_id, job_id, kind, amount, balance_after, reference, reason)
      values (v_job.user_id, p_job_id, 'price_difference', v_refund, 0, 'job:' || p_job_id || ':difference',
        'Served by ' || coalesce(p_image ->> 'model', 'another model'));
  end if;
  return true;
end
$$;

revoke all on function public.complete_job from public, anon, authenticated;
grant execute on function public.complete_job to service_role;
