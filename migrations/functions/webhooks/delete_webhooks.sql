-- A deleted user's webhooks are deleted with the user, and so are the deliveries still to be sent.
create or replace function darkroom.delete_webhooks() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.webhook_deliveries where user_id = new.user_id;
  delete from public.job_webhooks w using public.image_generation_jobs j
    where j.id = w.job_id and j.user_id = new.user_id;
  return null;
end
$$;

revoke all on function darkroom.delete_webhooks from public, anon, authenticated;
