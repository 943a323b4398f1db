-- What the operators' gauges keep, so that a reading stays cheap however many jobs there are.

create table darkroom.operator_totals (
  what text not null,
  label text not null,
  detail text not null,
  count bigint not null,
  credits bigint not null,
  primary key (what, label, detail)
);
comment on table darkroom.operator_totals is
  'Sums of what can no longer change, up to operator_state.counted_until: jobs that ended, movements of credits, refunds.';

create table darkroom.operator_state (
  singleton boolean primary key default true check (singleton),
  counted_until timestamptz not null default '-infinity',
  reading jsonb,
  read_at timestamptz,
  audit_problems integer,
  audited_at timestamptz,
  audit_taken_at timestamptz
);
comment on table darkroom.operator_state is 'The latest reading, kept ten seconds for everyone, and the latest audit.';
insert into darkroom.operator_state default values;
alter table darkroom.operator_totals enable row level security;
alter table darkroom.operator_state enable row level security;
