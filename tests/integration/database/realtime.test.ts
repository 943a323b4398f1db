import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { migrate } from '@darkroom/db/migrate/migrate';
import { describe, expect, it } from 'vitest';
import { openRules, type Rules, useRules } from './rules.ts';

const root = path.resolve(import.meta.dirname, '../../..');

const rules = useRules();

const published = (of: Rules) =>
  of.query(
    `select tablename from pg_publication_tables where pubname = 'supabase_realtime' and schemaname = 'public' order by 1`,
  );
const both = [{ tablename: 'image_generation_jobs' }, { tablename: 'users' }];
const told = (userId: string) =>
  rules.query(
    'select event, payload, private, extension from realtime.messages where topic = $1 order by inserted_at, payload ->> $2',
    [`user:${userId}`, 'credits'],
  );

describe('what is published', () => {
  it('is jobs, whole with every change, and users, with no more than the key of the row before', async () => {
    expect(await published(rules)).toEqual(both);
    expect(
      await rules.query(
        `select relname, relreplident from pg_class where oid in ('users'::regclass, 'image_generation_jobs'::regclass) order by 1`,
      ),
    ).toEqual([
      { relname: 'image_generation_jobs', relreplident: 'f' },
      { relname: 'users', relreplident: 'd' },
    ]);
  });

  it('is added to what a live project publishes already, and its Realtime is left as it is', async () => {
    const live = await openRules({ migrated: false });
    try {
      await live.query(
        await readFile(path.join(root, 'tests/integration/compatibility/native-database.sql'), 'utf8'),
      );
      await live.query(`
        create publication supabase_realtime for table users;
        create schema realtime;
        create table realtime.messages (topic text, extension text) partition by list (extension);
        create function realtime.topic() returns text language sql stable as $$ select 'theirs' $$;`);
      await migrate(live.url);
      expect(await published(live)).toEqual(both);
      expect(await live.value('select realtime.topic()')).toBe('theirs');
      expect(
        await live.value(`select to_regprocedure('realtime.send(jsonb, text, text, boolean)')`),
      ).toBeNull();
      const user = await live.user(10);
      expect(await live.submit(user)).toMatchObject({ charged: 3 });
    } finally {
      await live.close();
    }
  });

  it('is all tables where a live project publishes all', async () => {
    const live = await openRules({ migrated: false });
    try {
      await live.query('create publication supabase_realtime for all tables');
      await migrate(live.url);
      expect(
        await live.query(`select puballtables from pg_publication where pubname = 'supabase_realtime'`),
      ).toEqual([{ puballtables: true }]);
    } finally {
      await live.close();
    }
  });
});

describe('the topic of a user', () => {
  it('gets one message for every version of a managed job, which is the job, and for every balance', async () => {
    const user = await rules.user(20);
    const { job } = await rules.submit(user);
    const worker = await rules.worker();
    const { attempt } = (await rules.claim(job.id, worker)).job;
    await rules.complete(job.id, attempt, 1);
    const messages = await told(user);
    const jobs = messages.filter(({ event }) => event === 'job').map(({ payload }) => payload.job);
    const final = await rules.value(
      'select darkroom.job_object(j) from image_generation_jobs j where id = $1',
      [job.id],
    );
    expect(jobs.map(({ version }) => version).toSorted()).toEqual(
      Array.from({ length: final.version }, (_, at) => at + 1),
    );
    expect(jobs.find(({ version }) => version === final.version)).toEqual(final);
    expect(jobs.find(({ version }) => version === 1)).toEqual(job);
    const credits = messages.filter(({ event }) => event === 'credits').map(({ payload }) => payload.credits);
    expect(credits.toSorted((a, b) => a - b)).toEqual([17, 19, 20]);
    for (const message of messages) {
      expect(message).toMatchObject({
        private: true,
        extension: 'broadcast',
        payload: { id: expect.any(String) },
      });
    }
  });

  it("gets nothing of the native app's own rows, but of the balance that app lowers", async () => {
    const user = await rules.user(5);
    const before = (await told(user)).length;
    await rules.asUser(user, async (run) => {
      await run('insert into image_generation_jobs (user_id) values ($1)', [user]);
      await run(`update image_generation_jobs set status = 'processing'`);
      await run('update users set credits = credits - 1');
    });
    expect((await told(user)).slice(before).map(({ event, payload }) => [event, payload.credits])).toEqual([
      ['credits', 4],
    ]);
  });

  it.each([
    [
      'fails',
      `create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true)
      returns void language plpgsql as $$ begin raise exception 'no'; end $$`,
    ],
    [
      'may not be used',
      'revoke usage on schema realtime from public; alter schema realtime owner to service_role',
    ],
    ['is not there', 'drop schema realtime cascade'],
  ])('costs no write when Realtime %s', async (_, breakIt) => {
    const broken = await openRules();
    try {
      await broken.query(breakIt);
      const user = await broken.user(20);
      const { job } = await broken.submit(user);
      await broken.cancel(job.id, user);
      expect(await broken.credits(user)).toBe(20);
      expect(await broken.audit()).toEqual([]);
    } finally {
      await broken.close();
    }
  });

  it('only that user can join, and no client can write, whatever a live project allows', async () => {
    await rules.query(`
      create policy theirs_read on realtime.messages for select to anon, authenticated using (true);
      create policy theirs_write on realtime.messages for insert to anon, authenticated with check (true)`);
    const [ada, boris] = [await rules.user(), await rules.user()];
    const join = (userId: string, topic: string) =>
      rules.asUser(userId, async (run) => {
        await run(`select set_config('realtime.topic', $1, true)`, [topic]);
        return (await run('select topic from realtime.messages where topic = $1', [topic])).length > 0;
      });
    expect(await join(ada, `user:${ada}`)).toBe(true);
    expect(await join(boris, `user:${ada}`)).toBe(false);
    expect(await join(boris, `user:${boris}`)).toBe(true);
    for (const topic of [`user:${ada}`, `user:${boris}`]) {
      await expect(
        rules.asUser(ada, async (run) => {
          await run(`select set_config('realtime.topic', $1, true)`, [topic]);
          await run(`insert into realtime.messages (topic, extension) values ($1, 'broadcast')`, [topic]);
        }),
      ).rejects.toMatchObject({ code: '42501' });
    }
    await rules.asUser(ada, async (run) => {
      await run(`select set_config('realtime.topic', 'a room of theirs', true)`);
      await run(`insert into realtime.messages (topic, extension) values ('a room of theirs', 'broadcast')`);
      expect(await run(`select from realtime.messages where topic = 'a room of theirs'`)).toHaveLength(1);
    });
    await rules.query(
      'drop policy theirs_read on realtime.messages; drop policy theirs_write on realtime.messages',
    );
  });

  it('is guarded once Realtime has made its tables, and guarding it twice is harmless', async () => {
    const late = await openRules();
    try {
      expect(await late.value('select darkroom.guard_topics()')).toBe(true);
      await late.query('alter table realtime.messages rename to kept');
      expect(await late.value('select darkroom.guard_topics()')).toBe(false);
      await late.query('create table realtime.messages (topic text, extension text)');
      expect(await late.value('select darkroom.guard_topics()')).toBe(true);
      expect(
        await late.query(`select policyname from pg_policies where tablename = 'messages'`),
      ).toHaveLength(3);
    } finally {
      await late.close();
    }
  });

  it('is broadcast by functions that no client may call', async () => {
    const user = await rules.user();
    for (const call of [`darkroom.broadcast('${user}', 'job', '{}')`, 'darkroom.guard_topics()']) {
      await expect(rules.asUser(user, (run) => run(`select ${call}`))).rejects.toMatchObject({
        code: '42501',
      });
    }
  });
});
