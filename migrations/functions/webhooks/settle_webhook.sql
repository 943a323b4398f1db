-- Records how an attempt went: delivered, failed (for good), or retry in p_delay_ms. False when a later attempt has
-- begun: nothing was written. Safe to repeat.
create or replace function public.settle_webhook(
  p_delivery_id uuid, p_attempt integer, p_result text, p_status integer, p_error text, p_delay_ms bigint default 0
) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if p_result not in ('delivered', 'retry', 'failed') then
    raise exception 'p_result must be delivered, retry or failed, not %', p_result using errcode = 'DR400';
  end if;
  update public.webhook_deliveries
    set status = case p_result when 'retry' then 'pending' else p_result end,
        next_attempt_at = case p_result when 'retry' then darkroom.now() + p_delay_ms * interval '1 millisecond' end,
        delivered_at = case p_result when 'delivered' then darkroom.now() end,
        last_status = p_status, last_error = left(p_error, 200)
    where id = p_delivery_id and attempts = p_attempt and status = 'pending';
  return found or exists (
    select from public.webhook_deliveries where id = p_delivery_id and attempts = p_attempt and status = p_result);
end
$$;

revoke all on function public.settle_webhook from public, anon, authenticated;
grant execute on function public.settle_webhook to service_role;
