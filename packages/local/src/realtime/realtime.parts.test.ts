import { randomUUID } from 'node:crypto';
import { createClient, type RealtimeChannel, type SupabaseClient } from '@supabase/supabase-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type GatewayFixture, PUBLISHABLE_KEY, SECRET_KEY, startFixture } from '../gateway/fixture/start.ts';
import { type Postgres, startPostgres } from '../postgres/start.ts';

const SCHEMA = `
create publication supabase_realtime;
create table things (
  id int primary key, user_id text not null, n int, big bigint, price numeric, yes bool, at timestamptz, day date,
  tags text[], data jsonb, long text, secret text
);
alter table things alter column long set storage external;
alter table things enable row level security;
create policy own on things for all to authenticated using (user_id = claim('sub'));
create policy every on things for all to service_role using (true);
revoke select on things from anon, authenticated;
grant select (id, user_id, n, big, price, yes, at, day, tags, data, long) on things to authenticated;
create table wholes (like things including all);
alter table wholes replica identity full;
alter table wholes enable row level security;
create policy own on wholes for all to authenticated using (user_id = claim('sub'));
create table open_ones (id int primary key, n int);
create table keyless (n int);
alter table keyless replica identity full;
create table picky (id int primary key);
alter table picky enable row level security;
create policy picky on picky for select to authenticated using (claim('number')::int > 0);
create table unpublished (id int primary key);
alter publication supabase_realtime add table things, wholes, open_ones, keyless, picky;

create schema realtime;
create table realtime.messages (topic text not null, extension text not null, payload jsonb, event text,
  private boolean default false, id uuid primary key default gen_random_uuid());
alter table realtime.messages enable row level security;
create function realtime.topic() returns text language sql stable as $$ select current_setting('realtime.topic', true) $$;
grant usage on schema realtime to anon, authenticated, service_role;
grant select, insert on realtime.messages to anon, authenticated, service_role;
create policy read on realtime.messages for select to authenticated
  using (realtime.topic() in ('mine:' || claim('sub'), 'read only'));
create policy write on realtime.messages for insert to authenticated with check (realtime.topic() = 'mine:' || claim('sub'));
create publication supabase_realtime_messages_publication for table realtime.messages;
`;

let postgres: Postgres;
let gateway: GatewayFixture;
const open: SupabaseClient[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
  gateway = await startFixture(postgres.url);
  await gateway.sql(SCHEMA);
});
afterEach(async () => {
  for (const client of open.splice(0)) {
    await client.removeAllChannels();
    await client.realtime.disconnect();
  }
});
afterAll(async () => {
  await gateway?.stop();
  await postgres?.stop();
});

interface Heard {
  changes: any[];
  systems: any[];
  broadcasts: any[];
  states: string[];
  problems: string[];
}

/** A client with the token of a user, or with the secret key. */
async function connect(sub: string | null, options: { claims?: object; vsn?: string } = {}) {
  const token = sub && (await gateway.token({ sub, role: 'authenticated', ...options.claims }));
  const client = createClient(gateway.url, sub ? PUBLISHABLE_KEY : SECRET_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
    ...(token ? { accessToken: async () => token } : {}),
    realtime: { ...(options.vsn ? { vsn: options.vsn } : {}) },
  });
  open.push(client);
  if (token) await client.realtime.setAuth();
  return client;
}

function listen(channel: RealtimeChannel, ...filters: object[]): Heard {
  const heard: Heard = { changes: [], systems: [], broadcasts: [], states: [], problems: [] };
  for (const filter of filters) {
    channel.on('postgres_changes' as any, { schema: 'public', event: '*', ...filter } as any, (change: any) =>
      heard.changes.push(change),
    );
  }
  channel.on('system' as any, {} as any, (message: any) => heard.systems.push(message));
  channel.on('broadcast', { event: '*' }, (message: any) => heard.broadcasts.push(message));
  channel.subscribe((state, error) => {
    heard.states.push(state);
    if (error) heard.problems.push(error.message);
  });
  return heard;
}

const isLive = (heard: Heard) =>
  expect
    .poll(() => heard.systems, { timeout: 10_000 })
    .toContainEqual(expect.objectContaining({ extension: 'postgres_changes', status: 'ok' }));
const until = (heard: Heard, count: number) =>
  expect.poll(() => heard.changes.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(count);

const name = () => `test ${randomUUID()}`;

/** Listens as a user, and waits until changes are told. */
async function follow(sub: string | null, ...filters: object[]): Promise<Heard> {
  const heard = listen((await connect(sub)).channel(name()), ...filters);
  await isLive(heard);
  return heard;
}

describe('changes', () => {
  it('carry values as JSON has them, with the types of their columns', async () => {
    const heard = await follow('a', { table: 'things' });
    await gateway.sql(`insert into things values (1, 'a', 7, 12345678901, 1.50, true, '2026-01-02 03:04:05.678901+02',
      '2026-01-02', '{x,"y z"}', '{"deep": [1, null]}', 'text', 'not for users')`);
    await until(heard, 1);
    const { commit_timestamp, ...change } = heard.changes[0];
    expect(change).toEqual({
      schema: 'public',
      table: 'things',
      eventType: 'INSERT',
      new: {
        id: 1,
        user_id: 'a',
        n: 7,
        big: 12345678901,
        price: 1.5,
        yes: true,
        at: '2026-01-02T01:04:05.678901+00:00',
        day: '2026-01-02',
        tags: ['x', 'y z'],
        data: { deep: [1, null] },
        long: 'text',
      },
      old: {},
      errors: null,
    });
    expect(commit_timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.parse(commit_timestamp) - Date.now())).toBeLessThan(30_000);
  });

  it('of a row tell what was before as its replica identity has it, and of a deleted one only the key', async () => {
    const heard = await follow('b', { table: 'things' }, { table: 'wholes' });
    for (const table of ['things', 'wholes']) {
      await gateway.sql(`insert into ${table} (id, user_id, n) values (10, 'b', 1)`);
      await gateway.sql(`update ${table} set n = 2 where id = 10`);
      await gateway.sql(`update ${table} set id = 11 where id = 10`);
      await gateway.sql(`delete from ${table} where id = 11`);
    }
    await until(heard, 8);
    // Row security says nothing of a row that is gone: an update seen after the deletion is seen by nobody.
    expect(heard.changes.map(({ table, eventType, old }) => [table, eventType, old])).toEqual([
      ['things', 'INSERT', {}],
      ['things', 'UPDATE', { id: 10 }],
      ['things', 'UPDATE', { id: 10 }],
      ['things', 'DELETE', { id: 11 }],
      ['wholes', 'INSERT', {}],
      ['wholes', 'UPDATE', expect.objectContaining({ id: 10, n: 1, user_id: 'b' })],
      ['wholes', 'UPDATE', expect.objectContaining({ id: 10, n: 2, user_id: 'b' })],
      ['wholes', 'DELETE', { id: 11 }],
    ]);
  });
});
