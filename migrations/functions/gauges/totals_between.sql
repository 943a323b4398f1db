-- How many jobs ended, by status and code, and what was booked, by kind and direction, from p_from until before
-- p_until.
create or replace function darkroom.totals_between(p_from timestamptz, p_until timestamptz)
returns table (what text, label text, detail text, count bigint, credits bigint)
language sql stable set search_path = '' as $$
  select 'ended', status, coalesce(error_code, 'none'), count(*), 0::bigint
    from public.image_generation_jobs
    where managed and completed_at is not null and completed_at >= p_from and completed_at < p_until
    group by 2, 3
  union all
  select 'credits', kind, case when amount > 0 then 'in' else 'out' end, count(*), sum(amount)
    from public.credit_ledger where created_at >= p_from and created_at < p_until
    group by 2, 3
  union all
  select 'refunds', coalesce(reason, 'none'), '', count(*), sum(amount)
    from public.credit_ledger where kind = 'job_refund' and created_at >= p_from and created_at < p_until
    group by 2;
$$;

revoke all on function darkroom.totals_between from public, anon, authenticated;
