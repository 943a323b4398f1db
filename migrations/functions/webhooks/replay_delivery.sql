-- Makes a delivery, or all of a job, due now whatever became of it, with the whole schedule of retries ahead and the
-- same id. Returns [{id, job_id, type, host, attempts}]; raises DR404 when there is none.
create or replace function public.replay_delivery(p_delivery_id uuid default null, p_job_id uuid default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_replayed jsonb;
begin
  with replayed as (
    update public.webhook_deliveries
      set status = 'pending', delivered_at = null, next_attempt_at = darkroom.now(), replayed_after = attempts
      where id = p_delivery_id or job_id = p_job_id
      returning id, job_id, type, host, attempts
  )
  select jsonb_agg(to_jsonb(replayed) order by type) into v_replayed from replayed;
  if v_replayed is null then
    raise exception 'no such delivery' using errcode = 'DR404';
  end if;
  return v_replayed;
end
$$;

revoke all on function public.replay_delivery from public, anon, authenticated;
grant execute on function public.replay_delivery to service_role;
