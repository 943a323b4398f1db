import { randomUUID } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
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
      for (const statement of [
        `insert into ${table} (id, user_id, n) values (10, 'b', 1)`,
        `update ${table} set n = 2 where id = 10`,
        `update ${table} set id = 11 where id = 10`,
        `delete from ${table} where id = 11`,
      ]) {
        const before = heard.changes.length;
        await gateway.sql(statement);
        await until(heard, before + 1);
      }
    }
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

  it('leave out a value that was kept out of line and did not change, unless the old row has it', async () => {
    const heard = await follow(
      'c',
      { table: 'things', event: 'UPDATE' },
      { table: 'wholes', event: 'UPDATE' },
    );
    for (const table of ['things', 'wholes']) {
      await gateway.sql(`insert into ${table} (id, user_id, long) values (20, 'c', repeat('x', 10000))`);
      await gateway.sql(`update ${table} set n = 1 where id = 20`);
    }
    await until(heard, 2);
    expect(heard.changes.map((change) => [change.new.n, change.new.long?.length])).toEqual([
      [1, undefined],
      [1, 10_000],
    ]);
  });

  it('come in the order of the commits, all of them, those of one row too', async () => {
    const heard = await follow('d', { table: 'things' }, { table: 'open_ones', event: 'INSERT' });
    await gateway.sql(
      `insert into things (id, user_id, n) select 100 + i, 'd', 0 from generate_series(1, 3) i`,
    );
    for (let n = 1; n <= 60; n += 1) {
      await gateway.sql(
        `update things set n = ${n} where id > 100 and id <= 103; insert into open_ones values (${n})`,
      );
    }
    await until(heard, 3 + 60 * 4);
    const expected = Array.from({ length: 60 }, (_, at) => [at + 1, at + 1, at + 1, undefined]).flat();
    expect(heard.changes.map((change) => change.new.n ?? undefined)).toEqual([0, 0, 0, ...expected]);
  });

  it.each([
    ['n=eq.2', [2]],
    ['n=not.in.(1,2)', [3]],
    ['n=gte.2,n=lt.3', [2]],
    ['data=eq.{"a": 1}', [1]],
    ['at=lt.2026-01-01', [1]],
    ['tags=eq."{x,y}"', [2]],
    ['yes=is.true', [3]],
    ['long=ilike.%B', [2]],
  ])('are those that fit the filter %s', async (filter, expected) => {
    const heard = await follow('e', { table: 'things', event: 'INSERT', filter });
    await gateway.sql(`delete from things where user_id = 'e'; insert into things (id, user_id, n, at, tags, yes, data, long) values
      (201, 'e', 1, '2025-12-31', null, null, '{"a":1}', 'a'), (202, 'e', 2, '2026-01-01', '{x,y}', false, null, 'ab'),
      (203, 'e', 3, '2026-01-02', '{y,x}', true, '{"a":2}', null)`);
    await gateway.sql(`insert into things (id, user_id, n, data, at, tags, yes, long) values
      (204, 'e', null, null, null, null, null, null)`);
    await until(heard, 1);
    expect(heard.changes.map((change) => change.new.n)).toEqual(expected);
  });

  it('come once for a channel, to each subscription they fit', async () => {
    const heard = await follow(
      'f',
      { table: 'open_ones' },
      { event: 'UPDATE', table: 'open_ones' },
      { event: 'UPDATE' },
    );
    await gateway.sql('insert into open_ones values (1001, 1); update open_ones set n = 2 where id = 1001');
    await until(heard, 4);
    expect(heard.changes.map((change) => [change.eventType, change.new.n])).toEqual([
      ['INSERT', 1],
      ['UPDATE', 2],
      ['UPDATE', 2],
      ['UPDATE', 2],
    ]);
  });

  it('reach a client of version 1.0.0 too', async () => {
    const heard = listen((await connect('g', { vsn: '1.0.0' })).channel(name()), { table: 'things' });
    await isLive(heard);
    await gateway.sql(`insert into things (id, user_id) values (300, 'g')`);
    await until(heard, 1);
    expect(heard.changes[0].new.id).toBe(300);
  });
});

describe('who may see', () => {
  it('rows is who may select them; the server sees all', async () => {
    const [ada, boris, server] = [
      await follow('ada', { table: 'things' }),
      await follow('boris', { table: 'things' }),
      await follow(null, { table: 'things' }),
    ];
    await gateway.sql(
      `insert into things (id, user_id, secret) values (400, 'ada', 's'), (401, 'boris', 's')`,
    );
    await Promise.all([until(ada, 1), until(boris, 1), until(server, 2)]);
    expect(ada.changes.map((change) => change.new.id)).toEqual([400]);
    expect(boris.changes.map((change) => change.new.id)).toEqual([401]);
    expect(server.changes.map((change) => [change.new.id, change.new.secret])).toEqual([
      [400, 's'],
      [401, 's'],
    ]);
    expect(ada.changes[0].new).not.toHaveProperty('secret');
  });

  it('an error instead of a row: no key, no privilege, a policy that fails', async () => {
    const keyless = await follow('h', { table: 'keyless' });
    const visitor = listen(createVisitor().channel(name()), { table: 'things' });
    await isLive(visitor);
    const picky = await follow('h', { table: 'picky' });
    const lucky = listen((await connect('h', { claims: { number: '1' } })).channel(name()), {
      table: 'picky',
    });
    const odd = listen((await connect('h', { claims: { number: 'x' } })).channel(name()), { table: 'picky' });
    await Promise.all([isLive(lucky), isLive(odd)]);
    await gateway.sql(
      `insert into keyless values (1); insert into things (id, user_id) values (500, 'h'); insert into picky values (1)`,
    );
    await Promise.all([until(keyless, 1), until(visitor, 1), until(lucky, 1), until(odd, 1)]);
    expect(keyless.changes[0]).toMatchObject({ new: {}, errors: ['Error 400: Bad Request, no primary key'] });
    expect(visitor.changes[0]).toMatchObject({ new: {}, errors: ['Error 401: Unauthorized'] });
    expect(odd.changes[0]).toMatchObject({
      new: {},
      errors: ['Error 500: Internal Server Error, RLS policy evaluation failed'],
    });
    expect(lucky.changes[0]).toMatchObject({ new: { id: 1 }, errors: null });
    expect(picky.changes).toEqual([]);
  });

  function createVisitor() {
    const client = createClient(gateway.url, PUBLISHABLE_KEY, { auth: { persistSession: false } });
    open.push(client);
    return client;
  }
});

describe('a subscription', () => {
  it.each([
    [{ table: 'unpublished' }, 'it is not in the publication'],
    [{ table: 'things', filter: 'nothing=eq.1' }, 'invalid column for filter nothing'],
    [{ table: 'things', filter: 'secret=eq.1' }, 'invalid column for filter secret'],
    [{ table: 'things', filter: 'n=eq.one' }, 'invalid input syntax'],
    [{ table: 'things', filter: 'n~1' }, 'Error parsing `filter` params'],
  ])(
    'to %j is refused in words, at once or, if the client waits, instead of the join',
    async (filter, why) => {
      const client = await connect('i');
      const heard = listen(client.channel(name()), filter);
      await expect.poll(() => heard.systems).toHaveLength(1);
      expect(heard.systems[0]).toMatchObject({ extension: 'postgres_changes', status: 'error' });
      expect(heard.systems[0].message).toContain(why);
      expect(heard.states).toEqual(['SUBSCRIBED']);

      const waiting = listen(
        client.channel(name(), { config: { postgres_changes_options: { wait: true } } }),
        filter,
      );
      await expect.poll(() => waiting.states).toEqual(['CHANNEL_ERROR']);
      expect(waiting.problems[0]).toMatch(/^RealtimeDisabledForConfiguration: /);
    },
  );

  it('that the client waits for is live when the client is told of it', async () => {
    const heard = listen(
      (await connect('j')).channel(name(), { config: { postgres_changes_options: { wait: true } } }),
      { table: 'things' },
    );
    await expect.poll(() => heard.states, { timeout: 10_000 }).toEqual(['SUBSCRIBED']);
    await gateway.sql(`insert into things (id, user_id) values (600, 'j')`);
    await until(heard, 1);
  });

  it('ends with the channel, and the client may come back to the same topic', async () => {
    const client = await connect('k');
    const topic = name();
    const channel = client.channel(topic);
    const heard = listen(channel, { table: 'things' });
    await isLive(heard);
    expect(await client.removeChannel(channel)).toBe('ok');
    expect(heard.states).toEqual(['SUBSCRIBED', 'CLOSED']);
    const again = listen(client.channel(topic), { table: 'things' });
    await isLive(again);
    await gateway.sql(`insert into things (id, user_id) values (700, 'k')`);
    await until(again, 1);
    expect(heard.changes).toEqual([]);
  });
});

describe('topics', () => {
  it('carry what clients send, JSON and bytes, to the others and back only if asked', async () => {
    const topic = name();
    const config = { config: { broadcast: { ack: true, self: false } } };
    const [first, second] = [await connect('l'), await connect('m')];
    const sender = first.channel(topic, config);
    const [sent, heard] = [listen(sender), listen(second.channel(topic, config))];
    await expect.poll(() => [sent.states, heard.states]).toEqual([['SUBSCRIBED'], ['SUBSCRIBED']]);
    expect(await sender.send({ type: 'broadcast', event: 'hé', payload: { x: 'ü' } })).toBe('ok');
    expect(
      await sender.send({ type: 'broadcast', event: 'raw', payload: new Uint8Array([1, 255]).buffer as any }),
    ).toBe('ok');
    await expect.poll(() => heard.broadcasts).toHaveLength(2);
    expect(heard.broadcasts[0]).toMatchObject({ event: 'hé', payload: { x: 'ü' } });
    expect([...new Uint8Array(heard.broadcasts[1].payload)]).toEqual([1, 255]);
    expect(sent.broadcasts).toEqual([]);
  });

  it('that are private let in whom the policies let in, and only those send who may write', async () => {
    const config = { config: { private: true, broadcast: { ack: true, self: true } } };
    const own = listen((await connect('n')).channel('mine:n', config));
    const foreign = listen((await connect('o')).channel('mine:n', config));
    const pub = listen((await connect('o')).channel('mine:n'));
    const quiet = (await connect('n')).channel('read only', config);
    const silent = listen(quiet);
    await expect
      .poll(() => [own.states[0], foreign.states[0], pub.states[0], silent.states[0]])
      .toEqual(['SUBSCRIBED', 'CHANNEL_ERROR', 'SUBSCRIBED', 'SUBSCRIBED']);
    expect(foreign.problems[0]).toBe(
      'Unauthorized: You do not have permissions to read from this Channel topic: mine:n',
    );
    await quiet.send({ type: 'broadcast', event: 'e', payload: {} });
    await gateway.sql(`insert into realtime.messages (topic, extension, event, payload, private)
      values ('mine:n', 'broadcast', 'told', '{"a": 1}', true), ('read only', 'broadcast', 'last', '{}', true)`);
    await expect.poll(() => [own.broadcasts.length, silent.broadcasts.length]).toEqual([1, 1]);
    expect(own.broadcasts[0]).toMatchObject({ event: 'told', payload: { a: 1 } });
    expect(silent.broadcasts[0].event).toBe('last');
    expect([foreign.broadcasts, pub.broadcasts]).toEqual([[], []]);
  });
});

describe('the connection', () => {
  it('needs a key of the project', async () => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${gateway.url}/realtime/v1/websocket?apikey=wrong&vsn=2.0.0`, {
        headers: { Connection: 'Upgrade', Upgrade: 'websocket' },
      })
        .on('response', resolve)
        .on('error', reject);
    });
    expect([answer.statusCode, await new Response(answer as any).json()]).toEqual([
      401,
      { error: 'Invalid API key' },
    ]);
  });

  it('survives a restart of Postgres: the client is told, and later changes arrive', async () => {
    const heard = await follow('p', { table: 'things' });
    for (const mode of ['fast', 'kill'] as const) {
      heard.systems.length = 0;
      await postgres.restart({ mode });
      await isLive(heard);
      const before = heard.changes.length;
      await gateway.sql(`insert into things (id, user_id) values (${mode === 'fast' ? 800 : 801}, 'p')`);
      await until(heard, before + 1);
    }
    expect(heard.states).toEqual(['SUBSCRIBED']);
    expect(heard.changes.map((change) => change.new.id)).toEqual([800, 801]);
  });

  it('leaves one slot while it lives, and none when the gateway has stopped', async () => {
    await follow('q', { table: 'things' });
    const slots = () => gateway.sql('select slot_name, temporary from pg_replication_slots');
    expect(await slots()).toMatchObject([{ temporary: true }]);
    await gateway.stopGateway();
    expect(await slots()).toEqual([]);
  });
});
