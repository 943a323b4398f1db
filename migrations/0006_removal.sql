-- Stored objects that are to be removed: those of deleted images and accounts, and those that no row names.

create table darkroom.object_removals (
  key text primary key,
  due_at timestamptz not null,
  tries integer not null default 0
);
create index object_removals_due on darkroom.object_removals (due_at);
comment on table darkroom.object_removals is 'Objects whose row is gone and that are still to be removed from the store.';

create table darkroom.orphan_round (
  singleton boolean primary key default true check (singleton),
  after_key text,
  due_at timestamptz not null
);
comment on table darkroom.orphan_round is 'Where the search for objects that no row names continues, and when. A turn is a lease: due_at is set ahead while it lasts.';
insert into darkroom.orphan_round (due_at) values (now());
