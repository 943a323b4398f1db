-- Removes personal data, at most p_limit rows of a kind: cancels and refunds unfinished jobs, books the balance out,
-- and keeps only what accounting needs: {canceled, left: whether there is more}. Safe to repeat.
create or replace function darkroom.erase_user(p_user_id text, p_limit integer default 2000) returns jsonb
language plpgsql set search_path = '' as $$
declare
  v_job public.image_generation_jobs;
  v_balance integer;
  v_canceled integer := 0;
begin
  -- Lock order: unfinished jobs by id, then the user. No session that wants a user locks an ended job.
  perform from public.image_generation_jobs
    where user_id = p_user_id and managed and status in ('pending', 'processing')
    order by id for no key update;
  for v_job in
    select * from public.image_generation_jobs
    where user_id = p_user_id and managed and status in ('pending', 'processing') order by id
  loop
    perform darkroom.end_job(v_job, 'canceled', 'canceled', 'the account was deleted');
    v_canceled := v_canceled + 1;
  end loop;

  select credits into v_balance from public.users where id = p_user_id for no key update;
  if v_balance <> 0 then
    insert into public.credit_ledger (user_id, kind, amount, balance_after, reference, reason)
      values (p_user_id, 'adjustment', -v_balance, 0, 'erased:' || p_user_id || ':' || gen_random_uuid(), 'Account deleted');
  end if;
  update public.users set email = p_user_id || '@users.invalid', updated_at = darkroom.now()
    where id = p_user_id and email <> p_user_id || '@users.invalid';

  delete from public.custom_prompts where id in (
    select id from public.custom_prompts where user_id = p_user_id limit p_limit);
  delete from public.generated_images where id in (
    select id from public.generated_images where user_id = p_user_id limit p_limit);
  delete from public.image_generation_jobs where id in (
    select id from public.image_generation_jobs where user_id = p_user_id and not managed limit p_limit);
  delete from public.subscriptions where user_id = p_user_id;
  delete from public.idempotency_keys where user_id = p_user_id;
  delete from darkroom.identities where user_id = p_user_id;
  with named as (
    select id from public.image_generation_jobs j
    where user_id = p_user_id and completed_at is not null and darkroom.is_personal(j) limit p_limit
  ), silenced as (
    update public.job_runs set cause = null where job_id in (select id from named)
  )
  update public.image_generation_jobs
    set prompt = null, custom_prompt_id = null, input_image_key = null, metadata = null, thumbnail_url = null,
        output_image_url = case when output_image_url is not null then 'urn:darkroom:erased' end
    where id in (select id from named);

  return jsonb_build_object('canceled', v_canceled, 'left',
    exists (select from public.custom_prompts where user_id = p_user_id)
    or exists (select from public.generated_images where user_id = p_user_id)
    or exists (select from public.image_generation_jobs j
      where user_id = p_user_id and (not managed or completed_at is null or darkroom.is_personal(j))));
end
$$;

revoke all on function darkroom.erase_user from public, anon, authenticated;
