-- Books the refund that a failed or canceled job still owes, if any, and corrects its receipt and its run: {user_id,
-- status, refunded, balance}; refunded is 0 when nothing was owed. No job is refunded twice: the ledger holds one
-- refund a job. For operators. Raises DR404 for an unknown job, DR400 for one that did not fail and was not canceled.
-- Safe to repeat.
create or replace function public.settle_job(p_job_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_owed integer;
begin
  select * into v_job from public.image_generation_jobs where id = p_job_id for no key update;
  if not found or not v_job.managed then
    raise exception 'no such job' using errcode = 'DR404';
  end if;
  if v_job.status not in ('failed', 'canceled') then
    raise exception 'only a job that failed or was canceled owes a refund, and this one is %', v_job.status
      using errcode = 'DR400', detail = jsonb_build_object('status', v_job.status)::text;
  end if;
  -- Locked before the ledger is read, so that the second of two sees the refund of the first.
  perform from public.users where id = v_job.user_id for no key update;
  select coalesce(-sum(amount), 0) into v_owed from public.credit_ledger where job_id = p_job_id;
  if v_owed > 0 and exists (select from public.credit_ledger where job_id = p_job_id and kind = 'job_refund') then
    raise exception 'the job has a refund, which is % credits short: grant them', v_owed using errcode = 'DR400';
  end if;
  if v_owed > 0 then
    insert into public.credit_ledger (user_id, job_id, kind, amount, balance_after, reference, reason)
      values (v_job.user_id, p_job_id, 'job_refund', v_owed, 0, 'job:' || p_job_id || ':refund',
        coalesce(v_job.error_code, v_job.status));
  end if;
  update public.job_runs set active = false, worker_id = null, delivered_at = null where job_id = p_job_id and active;
  update public.image_generation_jobs j
    set receipt = jsonb_build_object('charged', booked.charged, 'refunded', booked.charged, 'net', 0)
    from (select coalesce(-sum(amount) filter (where kind = 'job_debit'), 0) as charged
      from public.credit_ledger where job_id = p_job_id) booked
    where j.id = p_job_id and v_owed >= 0 and (j.receipt ->> 'net')::bigint is distinct from 0;
  return jsonb_build_object('user_id', v_job.user_id, 'status', v_job.status, 'refunded', greatest(v_owed, 0),
    'balance', (select credits from public.users where id = v_job.user_id));
end
$$;

revoke all on function public.settle_job from public, anon, authenticated;
grant execute on function public.settle_job to service_role;
