import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isLive, listen, name, openRealtime, type Realtime, until } from './fixture/open.ts';

let realtime: Realtime;
let connect: Realtime['connect'];
let visit: Realtime['visit'];
let follow: Realtime['follow'];
let gateway: Realtime['gateway'];
let postgres: Realtime['postgres'];
beforeAll(async () => {
  realtime = await openRealtime();
  ({ connect, visit, follow, gateway, postgres } = realtime);
});
afterEach(() => realtime.leave());
afterAll(() => realtime?.close());

describe('changes', () => {
  it('have JSON values with the types of their columns', async () => {
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

  it('of a row include its old replica identity; of a deleted row only the key', async () => {
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

  it('leave out an unchanged TOAST value, unless the old row has it', async () => {
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

  it('arrive completely and in the order of the commits', async () => {
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

  it('are sent once they are visible, which is after they are in the WAL', async () => {
    const heard = await follow('late', { table: 'things' }, { table: 'open_ones' });
    const commits = await holdCommits();
    const inserted = gateway.sql(`with own as (insert into things (id, user_id) values (250, 'late'))
      insert into open_ones (id) values (250)`);
    try {
      await commits.wereLookedAt();
      expect(heard.changes).toEqual([]);
    } finally {
      await commits.release();
    }
    await inserted;
    await until(heard, 2);
    expect(heard.changes.map(({ table, new: row }) => [table, row.id]).sort()).toEqual([
      ['open_ones', 250],
      ['things', 250],
    ]);
  });

  it('arrive once per channel, with each matching subscription', async () => {
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
  it('rows: roles that may select them; the secret key sees all', async () => {
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

  it('columns: roles that may read them at that moment; rows likewise', async () => {
    await gateway.sql(`create table shifting (id int primary key, a int, b int);
      alter publication supabase_realtime add table shifting;
      grant select on shifting to authenticated, service_role`);
    const [ada, server] = [
      await follow('ada', { table: 'shifting' }),
      await follow(null, { table: 'shifting' }),
    ];
    const seen = () => ada.changes.map((change) => change.new);
    await gateway.sql('insert into shifting values (1, 1, 1)');
    await until(ada, 1);
    await gateway.sql(
      'revoke select on shifting from authenticated; grant select (id, a) on shifting to authenticated',
    );
    await gateway.sql('insert into shifting values (2, 2, 2)');
    await until(ada, 2);
    await gateway.sql(
      'alter table shifting add column c int default 7; grant select (c) on shifting to authenticated',
    );
    await gateway.sql('insert into shifting values (3, 3, 3)');
    await until(ada, 3);
    expect(seen()).toEqual([
      { id: 1, a: 1, b: 1 },
      { id: 2, a: 2 },
      { id: 3, a: 3, c: 7 },
    ]);
    await gateway.sql(`alter table shifting enable row level security;
      create policy every on shifting for all to service_role using (true)`);
    await gateway.sql('insert into shifting values (4, 4, 4)');
    await gateway.sql(`create policy own on shifting for select to authenticated using (id > 4)`);
    await gateway.sql('insert into shifting values (5, 5, 5)');
    await Promise.all([until(ada, 4), until(server, 5)]);
    expect(seen().at(-1)).toEqual({ id: 5, a: 5, c: 7 });
  });

  it('an error instead of a row: no key, no privilege, or a failing policy', async () => {
    const keyless = await follow('h', { table: 'keyless' });
    const visitor = listen(visit().channel(name()), { table: 'things' });
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
});

/** Commits now wait for a standby that does not exist: they are in the WAL, but not visible. */
async function holdCommits() {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  const ask = async (text: string) => (await client.query<{ answer: unknown }>(text)).rows[0]?.answer;
  const asks = (text: string) => expect.poll(() => ask(text), { timeout: 10_000 });
  await ask(`alter system set synchronous_standby_names = 'nobody'`);
  await ask('select pg_reload_conf()');
  await asks(`select current_setting('synchronous_standby_names') as answer`).toBe('nobody');
  // A checkpoint makes sure that the checkpointer has read the new setting.
  await ask('checkpoint');
  const since = await ask('select clock_timestamp()::text as answer');
  return {
    /** Until one commit waits, and its row was looked up. */
    async wereLookedAt() {
      await asks(`select count(*)::int as answer from pg_stat_activity
        where wait_event = 'SyncRep' and query like 'with own as%'`).toBe(1);
      await asks(`select count(*) > 0 as answer from pg_stat_activity
        where application_name = 'realtime' and backend_type = 'client backend' and query_start > '${since}'`).toBe(
        true,
      );
    },
    async release() {
      await ask('alter system reset synchronous_standby_names');
      await ask('select pg_reload_conf()');
      await client.end();
    },
  };
}
