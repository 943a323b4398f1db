-- Accounts and payments: what Clerk and Stripe report, and the end of an account.

create table darkroom.tombstones (
  user_id text primary key,
  deleted_at timestamptz not null,
  due_at timestamptz
);
create index tombstones_due on darkroom.tombstones (due_at) where due_at is not null;
comment on table darkroom.tombstones is 'Deleted users, so that a token that is still valid does not create one again.';
comment on column darkroom.tombstones.due_at is 'When the erasure continues; null once nothing of the account is left.';

create table darkroom.identities (
  user_id text primary key,
  changed_at timestamptz not null
);
comment on table darkroom.identities is 'The latest state of each user that Clerk has reported, so that an older report changes nothing.';

create table public.webhook_events (
  source text not null check (source in ('clerk', 'stripe')),
  id text not null,
  type text not null,
  created_at timestamptz not null,
  received_at timestamptz not null,
  outcome text not null check (outcome in ('applied', 'ignored', 'stale', 'email_taken',
    'unknown_user', 'unknown_price', 'deleted_user')),
  user_id text,
  note text,
  detail jsonb,
  primary key (source, id)
);
create index webhook_events_waiting on public.webhook_events (received_at) where outcome = 'unknown_user';
comment on table public.webhook_events is
  'What was reported and what became of it. unknown_user, unknown_price and deleted_user need an operator: money came in and no credits went out.';
alter table public.webhook_events enable row level security;
create table darkroom.stripe_customers (
  customer_id text primary key,
  user_id text not null
);
comment on table darkroom.stripe_customers is 'Which user a customer is. The first link stays; it outlives the account, so that a later payment is still recognised.';

create table darkroom.stripe_subscriptions (
  id text primary key,
  user_id text not null,
  customer_id text,
  status text not null,
  price_id text,
  current_period_end timestamptz,
  event_at timestamptz not null,
  event_rank integer not null
);
create index stripe_subscriptions_of_user on darkroom.stripe_subscriptions (user_id);
comment on table darkroom.stripe_subscriptions is 'The latest state of each subscription that Stripe has reported. public.subscriptions shows the best one of each user.';
