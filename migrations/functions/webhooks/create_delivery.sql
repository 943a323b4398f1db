-- Inserts a webhook delivery, in the same transaction, for each status change of a managed job that its webhook
-- subscribes to; each event at most once per job.
create or replace function darkroom.create_delivery() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.webhook_deliveries (job_id, user_id, type, url, snapshot, next_attempt_at, created_at)
    select new.id, new.user_id, 'job.' || new.status, w.url,
      case when new.status = 'processing' then darkroom.job_object(new) end, darkroom.now(), darkroom.now()
    from public.job_webhooks w
    where w.job_id = new.id and 'job.' || new.status = any (w.events)
    on conflict (job_id, type) do nothing;
  return null;
end
$$;

revoke all on function darkroom.create_delivery from public, anon, authenticated;
