-- Makes a claimed job pending again, due in p_delay, under a new delivery: {kind: retried, delivery, priority,
-- delay_ms}. The caller holds the lock of the row.
create or replace function darkroom.put_back(p_job public.image_generation_jobs, p_delay interval, p_calls jsonb) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_run public.job_runs;
begin
  update public.job_runs
    set worker_id = null, run_at = darkroom.now() + p_delay,
        model_calls = greatest(0, model_calls - darkroom.unpaid_calls(p_calls)), delivery = delivery + 1, delivered_at = null,
        offered_at = null, attempts_log = darkroom.merge_calls(attempts_log, p_calls)
    where job_id = p_job.id returning * into v_run;
  update public.image_generation_jobs set status = 'pending', stage = 'queued' where id = p_job.id;
  return jsonb_build_object('kind', 'retried', 'delivery', v_run.delivery, 'delay_ms', (extract(epoch from p_delay) * 1000)::integer,
    'priority', darkroom.delivery_priority(v_run.priority, p_job.created_at, v_run.run_at));
end
$$;

revoke all on function darkroom.put_back from public, anon, authenticated;
