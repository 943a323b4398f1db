-- The progress of all jobs of a worker in one request, instead of one request a job and step.
set local lock_timeout = '5s';

create function public.report_progress_batch(p_reports jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_report record;
  v_lost jsonb := '[]';
begin
  -- By id, as everybody locks jobs.
  for v_report in
    select job_id, attempt, stage, progress
    from jsonb_to_recordset(p_reports) as r (job_id uuid, attempt integer, stage text, progress integer)
    order by job_id
  loop
    if not public.report_progress(v_report.job_id, v_report.attempt, v_report.stage, v_report.progress) then
      v_lost := v_lost || jsonb_build_object('job_id', v_report.job_id, 'attempt', v_report.attempt);
    end if;
  end loop;
  return v_lost;
end
$$;
comment on function public.report_progress_batch(jsonb) is
  'report_progress for each of [{job_id, attempt, stage, progress}], in one transaction: returns [{job_id, attempt}], those whose claim was lost. One that is lost keeps none of the others from being written.';

-- Closed by name, because default privileges open every new function.
revoke all on function public.report_progress_batch(jsonb) from public, anon, authenticated;
grant execute on function public.report_progress_batch(jsonb) to service_role;
