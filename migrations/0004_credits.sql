-- The ledger of credits. access/credit_ledger.sql and access/users.sql set the triggers that keep it and the balances equal,
-- and book the balances that a live database already holds.

create table public.credit_ledger (
  id bigint generated always as identity primary key,
  user_id text not null,
  job_id uuid,
  kind text not null check (kind in ('opening', 'signup', 'job_debit', 'job_refund', 'price_difference',
    'grant', 'purchase', 'adjustment', 'native_app')),
  amount integer not null check (amount <> 0),
  balance_after integer not null,
  reference text not null unique,
  reason text,
  created_at timestamptz not null,
  check ((kind in ('job_debit', 'job_refund', 'price_difference')) = (job_id is not null)),
  check (kind <> 'job_debit' or amount < 0),
  check (kind not in ('job_refund', 'price_difference', 'grant', 'purchase', 'signup') or amount > 0),
  unique (job_id, kind)
);
create index credit_ledger_of_user on public.credit_ledger (user_id, id desc);
create index credit_ledger_age on public.credit_ledger (created_at);
alter table public.credit_ledger enable row level security;
comment on table public.credit_ledger is
  'Every movement of credits. For each user credits = sum(amount). A job has one debit and at most one refund.';
comment on column public.credit_ledger.reference is 'Names the cause uniquely: the same cause cannot be booked twice.';
