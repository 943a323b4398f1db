import { expect, test } from 'vitest';
import { findBreaking } from './breaking.ts';
import { listMigrations, readMigration, readReleased } from './released.ts';

const { migration } = readReleased();
const isNew = (name: string) => name > migration;

test('numbers are unique', () => {
  const numbers = listMigrations().map((name) => name.slice(0, 4));
  expect(new Set(numbers).size).toBe(numbers.length);
});

test('the release names a migration that is there', () => {
  expect(listMigrations()).toContain(migration);
});

test('no migration since the release takes away what processes of that release still use', () => {
  const found = listMigrations()
    .filter(isNew)
    .flatMap((name) => findBreaking(readMigration(name)).map((what) => `${name} ${what}`));
  expect(found).toEqual([]);
});

test.each([
  ['alter table public.users drop column plan;', 'drops a column'],
  ['drop table if exists public.users;', 'drops a table'],
  ['DROP FUNCTION public.claim_job(uuid, uuid);', 'drops a function'],
  ['alter table public.users rename column plan to tier;', 'renames'],
  ['alter table public.users rename plan to tier;', 'renames'],
  ['alter table public.users rename to people;', 'renames'],
  ['alter table public.users alter column plan type integer;', 'changes the type of a column'],
  ['alter table public.users alter plan set not null;', 'makes a column not null'],
  ['do $$ begin alter table public.users drop column plan; end $$;', 'drops a column'],
  ['drop trigger if exists guard_user on public.users;', 'drops a trigger'],
  ['drop policy own_jobs on public.jobs;', 'drops a policy'],
  ['drop schema darkroom cascade;', 'drops a schema'],
  [
    'alter table public.users add constraint rich check (credits > 0);',
    'adds a constraint to a table that is there, and not as not valid',
  ],
  [
    'alter table only public.users add check (credits > 0);',
    'adds a constraint to a table that is there, and not as not valid',
  ],
  [
    'create unique index concurrently if not exists one_plan on public.users (plan);',
    'makes a unique index on a table that is there',
  ],
  [
    'alter table public.users add column plan text not null;',
    'adds a column that old processes leave empty, not null and without a default',
  ],
])('%s is seen', (sql, what) => {
  expect(findBreaking(sql)).toEqual([what]);
});

test.each([
  'alter table public.users add column plan text;',
  "alter table public.users add column plan text not null default 'free';",
  'alter table public.users add column a numeric(10, 2) default 0 not null, add column b text;',
  'create table public.plans (name text not null);',
  'create table public.plans (a int); create unique index on public.plans (a); alter table public.plans add check (a > 0);',
  'alter table public.users add constraint rich check (credits > 0) not valid;',
  'alter table public.users add column plan text check (plan <> 1);',
  'create index concurrently plans on public.users (plan);',
  'create or replace function public.f() returns void language sql as $$ alter table a drop column b $$;',
  "comment on table public.users is 'Never drop column plan; it''s rename to nothing';",
  '-- drop column plan\nselect 1;',
  'drop index concurrently if exists public.old;',
  '-- contract: nothing since 1.4 reads users.plan\nalter table public.users drop column plan;',
])('%s is let through', (sql) => {
  expect(findBreaking(sql)).toEqual([]);
});
