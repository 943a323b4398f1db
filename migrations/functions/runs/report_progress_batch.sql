-- report_progress for each of [{job_id, attempt, stage, progress}], in one transaction: returns [{job_id, attempt}]
-- of those whose claim was lost. A lost one does not stop the others.
create or replace function public.report_progress_batch(p_reports jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_report record;
  v_lost jsonb := '[]';
begin
  -- By id, the order in which jobs are locked.
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

revoke all on function public.report_progress_batch from public, anon, authenticated;
grant execute on function public.report_progress_batch to service_role;
