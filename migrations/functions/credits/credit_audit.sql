-- One row for each user or managed job that breaks an invariant of money or of effect. Always empty.
create or replace view public.credit_audit with (security_invoker = true) as
  with booked as (
    select user_id, sum(amount) as total from public.credit_ledger group by user_id
  ), per_job as (
    select job_id, sum(amount) as total, count(*) filter (where kind = 'job_debit') as debits
    from public.credit_ledger where job_id is not null group by job_id
  ), jobs as (
    select j.*, r.price, r.active, coalesce(p.total, 0) as total, coalesce(p.debits, 0) as debits,
      exists (select from public.generated_images i where i.job_id = j.id) as has_image
    from public.image_generation_jobs j
    left join public.job_runs r on r.job_id = j.id
    left join per_job p on p.job_id = j.id
    where j.managed
  )
  select 'user' as scope, coalesce(u.id, b.user_id) as id, coalesce(u.id, b.user_id) as user_id,
    'balance differs from the ledger' as problem, coalesce(b.total, 0)::text as expected, u.credits::text as actual
  from public.users u full join booked b on b.user_id = u.id
  where coalesce(u.credits, 0) <> coalesce(b.total, 0)
  union all
  select 'user', user_id, user_id, 'a movement took the balance below 0', '0', balance_after::text
  from public.credit_ledger where amount < 0 and balance_after < 0 and kind <> 'opening'
  union all
  select 'job', id::text, user_id, 'has no run', null, null from jobs where price is null
  union all
  select 'job', id::text, user_id, 'was not debited once', case when price > 0 then '1' else '0' end, debits::text
  from jobs where debits <> case when price > 0 then 1 else 0 end
  union all
  select 'job', id::text, user_id, 'an unfinished job does not net its price', (-price)::text, total::text
  from jobs where status in ('pending', 'processing') and total <> -price
  union all
  select 'job', id::text, user_id, 'a ' || status || ' job does not net 0', '0', total::text
  from jobs where status in ('failed', 'canceled') and total <> 0
  union all
  select 'job', id::text, user_id, 'a completed job costs nothing or more than its quote', (-price)::text, total::text
  from jobs where status = 'completed' and (total > 0 or total < -price)
  union all
  select 'job', id::text, user_id, 'the receipt differs from the ledger', (receipt ->> 'net'), (-total)::text
  from jobs where (receipt ->> 'net')::bigint <> -total
  union all
  select 'job', id::text, user_id, 'a ' || status || ' job shows an image', null, output_image_url
  from jobs where status in ('failed', 'canceled') and (has_image or output_image_url is not null)
  union all
  select 'job', id::text, user_id, 'a completed job has no image', null, null
  from jobs where status = 'completed' and output_image_url is null
  union all
  select 'job', id::text, user_id, 'its run is out of step', status, case when active then 'active' else 'ended' end
  from jobs where active <> (status in ('pending', 'processing'));

revoke all on public.credit_audit from public, anon, authenticated;
grant all on public.credit_audit to service_role;
