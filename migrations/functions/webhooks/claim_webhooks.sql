-- Gives out at most p_limit deliveries that are due, oldest first: at most p_again that were tried before, and to no
-- host more than p_per_host, those of p_busy ({host: number in hand}) included. Each comes under a new attempt and
-- belongs to this caller for 30 s; unless settle_webhook says otherwise by then, it is due again. Waits for no lock.
create or replace function public.claim_webhooks(p_limit integer, p_again integer, p_per_host integer, p_busy jsonb default '{}')
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  v_now timestamptz := darkroom.now();
  v_full text[] := array(select key from jsonb_each_text(p_busy) where value::integer >= p_per_host);
  v_claimed jsonb;
begin
  with due as (
    -- Two lists, so that new events do not wait behind the retries of receivers that are down.
    (select id, host, next_attempt_at, false as again from public.webhook_deliveries
      where status = 'pending' and attempts = 0 and next_attempt_at <= v_now and host <> all (v_full)
      order by next_attempt_at limit 500)
    union all
    (select id, host, next_attempt_at, true from public.webhook_deliveries
      where status = 'pending' and attempts > 0 and next_attempt_at <= v_now and host <> all (v_full)
      order by next_attempt_at limit 500)
  ), by_host as (
    select *, row_number() over (partition by host order by again, next_attempt_at)
      + coalesce((p_busy ->> host)::integer, 0) as at_host from due
  ), by_line as (
    select *, row_number() over (partition by again order by next_attempt_at) as in_line
    from by_host where at_host <= p_per_host
  ), chosen as (
    select id from by_line where not again or in_line <= p_again order by next_attempt_at limit p_limit
  ), locked as (
    select id from public.webhook_deliveries
    where id in (select id from chosen) and status = 'pending' and next_attempt_at <= v_now
    for no key update skip locked
  ), claimed as (
    update public.webhook_deliveries d set attempts = attempts + 1, next_attempt_at = v_now + interval '30 seconds'
    from locked where d.id = locked.id
    returning d.*
  )
  select coalesce(jsonb_agg(jsonb_build_object('id', c.id, 'job_id', c.job_id, 'type', c.type, 'url', c.url, 'host', c.host,
      'attempt', c.attempts, 'tries', c.attempts - c.replayed_after, 'timestamp', c.created_at,
      'job', coalesce(c.snapshot, darkroom.job_object(j)))), '[]')
    into v_claimed
    from claimed c join public.image_generation_jobs j on j.id = c.job_id;
  return v_claimed;
end
$$;

revoke all on function public.claim_webhooks from public, anon, authenticated;
grant execute on function public.claim_webhooks to service_role;
