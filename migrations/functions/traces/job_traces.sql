-- By job id, of these jobs ([id]): the trace each was created in. Those without one are left out.
create or replace function public.job_traces(p_jobs jsonb) returns jsonb
language sql stable security definer set search_path = '' as $$
  select coalesce(jsonb_object_agg(r.job_id, r.traceparent), '{}')
  from public.job_runs r
  where r.job_id in (select id::uuid from jsonb_array_elements_text(p_jobs) as named (id)) and r.traceparent is not null;
$$;

revoke all on function public.job_traces from public, anon, authenticated;
grant execute on function public.job_traces to service_role;
