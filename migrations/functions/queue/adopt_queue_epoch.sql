-- Compares the queue's mark with the one last seen. A new one means that the queue was emptied: every waiting job is
-- due for delivery again. True when an earlier mark was replaced. Safe to repeat and to race.
create or replace function public.adopt_queue_epoch(p_epoch text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  v_first boolean;
begin
  if (select epoch from darkroom.queue_epoch) = p_epoch then
    return false;
  end if;
  insert into darkroom.queue_epoch (epoch) values (p_epoch) on conflict do nothing;
  v_first := found;
  if not v_first then
    update darkroom.queue_epoch set epoch = p_epoch where epoch <> p_epoch;
    if not found then
      return false;
    end if;
  end if;
  with waiting as (
    select job_id from public.job_runs where active and worker_id is null and delivered_at is not null
    order by job_id for no key update
  )
  update public.job_runs r set delivered_at = null, offered_at = null from waiting where r.job_id = waiting.job_id;
  return not v_first;
end
$$;

revoke all on function public.adopt_queue_epoch from public, anon, authenticated;
grant execute on function public.adopt_queue_epoch to service_role;
