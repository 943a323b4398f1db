-- Ends a locked, unfinished job as failed or canceled and refunds it. Status and refund commit together.
create or replace function darkroom.end_job(
  p_job public.image_generation_jobs, p_status text, p_code text, p_cause text, p_calls jsonb default null
) returns public.image_generation_jobs
language plpgsql set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_price integer;
begin
  update public.job_runs
    set active = false, worker_id = null, delivered_at = null, cause = left(p_cause, 2000),
        attempts_log = darkroom.merge_calls(attempts_log, p_calls)
    where job_id = p_job.id returning price into v_price;
  update public.image_generation_jobs
    set status = p_status, stage = 'done', error_code = p_code, error_message = darkroom.failure_message(p_code),
        receipt = jsonb_build_object('charged', v_price, 'refunded', v_price, 'net', 0),
        completed_at = darkroom.now()
    where id = p_job.id returning * into v_job;
  if v_price > 0 then
    insert into public.credit_ledger (user_id, job_id, kind, amount, balance_after, reference, reason)
      values (p_job.user_id, p_job.id, 'job_refund', v_price, 0, 'job:' || p_job.id || ':refund', p_code);
  end if;
  return v_job;
end
$$;

revoke all on function darkroom.end_job from public, anon, authenticated;
