import { setTimeout as sleep } from 'node:timers/promises';
import { migrationsFolder, readMigrations } from '@darkroom/db/migrate/files';
import { migrate } from '@darkroom/db/migrate/migrate';
import { expect, it } from 'vitest';
import { dumpSchema } from '../../scripts/dump-schema.ts';
import { openRules } from '../integration/database/rules.ts';
import { dumpFunctions } from './functions.ts';
import { changeMigrations, treeOf } from './tree.ts';

const { release, functions, access } = await readMigrations(migrationsFolder);

async function withRules<Result>(
  work: (rules: Awaited<ReturnType<typeof openRules>>) => Promise<Result>,
  options: { migrated?: boolean } = {},
): Promise<Result> {
  const rules = await openRules(options);
  try {
    return await work(rules);
  } finally {
    await rules.close();
  }
}

it('applies every function and access file again while calls go on, and none of them fails', () =>
  withRules(async (rules) => {
    const before = [await dumpSchema(rules.url), await dumpFunctions(rules.url)];
    const worker = await rules.worker();
    let calls = 0;
    let ended = false;
    const client = async () => {
      const user = await rules.user(100_000);
      while (!ended) {
        const { job } = await rules.submit(user, { price: 1 });
        await rules.worker();
        const { attempt } = await rules.claim(job.id, worker);
        if (calls % 2) await rules.cancel(job.id, user);
        else await rules.complete(job.id, attempt, 1);
        await rules.asUser(user, (run) => run('update users set credits = credits - 1 where credits > 1'));
        await rules.query('select heartbeat($1)', [worker]);
        await rules.sweep();
        calls += 1;
        await sleep(5);
      }
    };
    const load = Promise.all(Array.from({ length: 6 }, client));
    // Whatever fails first ends the other.
    void load.catch(() => {
      ended = true;
    });
    for (let round = 0; round < 3; round += 1) {
      const since = calls;
      await rules.query(`update darkroom.definitions set checksum = ''`);
      expect(await migrate(rules.url)).toHaveLength(functions.length + access.length);
      while (!ended && calls < since + 20) await sleep(10);
    }
    ended = true;
    await load;
    expect(await rules.audit()).toEqual([]);
    expect([await dumpSchema(rules.url), await dumpFunctions(rules.url)]).toEqual(before);
    expect(await rules.query(`select from credit_ledger where kind = 'opening'`)).toEqual([]);
  }));

it('an older migrate changes nothing, and says so', () =>
  withRules(async (rules) => {
    const next = await changeMigrations({
      RELEASED: treeOf(release + 1),
      'functions/operators/ping_database.sql': (text) => text.replace('return true', 'return not false'),
    });
    expect(await migrate(rules.url, { folder: next })).toEqual(['functions/operators/ping_database']);
    const migrated = await dumpFunctions(rules.url);

    const said: string[] = [];
    expect(await migrate(rules.url, { log: (line) => said.push(line) })).toEqual([]);
    expect(said).toEqual([
      `release ${release + 1} has migrated this database and this is release ${release}: nothing changed`,
    ]);
    expect(await dumpFunctions(rules.url)).toBe(migrated);
  }));

it('a function whose signature has changed leaves no overload, and keeps its grants', () =>
  withRules(async (rules) => {
    const folder = await changeMigrations({
      'functions/credits/grant_credits.sql': (text) =>
        text.replace('p_reason text)', "p_reason text, p_note text default '')"),
    });
    expect(await migrate(rules.url, { folder })).toEqual(['functions/credits/grant_credits']);
    expect(
      await rules.query(`
        select pg_get_function_identity_arguments(oid) as arguments,
          has_function_privilege('service_role', oid, 'execute') as server,
          has_function_privilege('authenticated', oid, 'execute') as users
        from pg_proc where proname = 'grant_credits'`),
    ).toEqual([
      {
        arguments: 'p_user_id text, p_amount integer, p_reference text, p_reason text, p_note text',
        server: true,
        users: false,
      },
    ]);
    const user = await rules.user(1);
    expect(await rules.value(`select grant_credits($1, 2, 'a', 'b')`, [user])).toBe(3);
  }));

it('a changed result type is taken too', () =>
  withRules(async (rules) => {
    const folder = await changeMigrations({
      'functions/operators/ping_database.sql': (text) =>
        text.replace('returns boolean', 'returns text').replace('return true', `return 'yes'`),
    });
    await migrate(rules.url, { folder });
    expect(await rules.value('select ping_database()')).toBe('yes');
  }));

it.each([
  ['plpgsql', 'functions/operators/ping_database.sql', 'return true', 'retrun true'],
  ['sql', 'functions/jobs/get_job.sql', 'public.image_generation_jobs j', 'public.no_such_table j'],
])('a body in %s that cannot run is refused, and no function is changed', (_language, file, good, bad) =>
  withRules(async (rules) => {
    const before = await dumpFunctions(rules.url);
    const folder = await changeMigrations({
      [file]: (text) => text.replace(good, bad),
      'functions/clock/now.sql': (text) => text.replace('The clock', 'A clock'),
    });
    await expect(migrate(rules.url, { folder })).rejects.toMatchObject({
      code: expect.stringMatching(/^42(601|P01)$/),
    });
    expect(await dumpFunctions(rules.url)).toBe(before);
  }),
);

it('a database of the numbering before the first release is refused, and stays as it is', () =>
  withRules(
    async (rules) => {
      await rules.query(`
        create schema darkroom;
        create table darkroom.migrations (id serial primary key, name varchar(255) not null, run_on timestamp not null);
        insert into darkroom.migrations (name, run_on) values ('0001_supabase', now()), ('0002_native_tables', now())`);
      await expect(migrate(rules.url)).rejects.toThrow(
        /before the first release.*Nothing was changed\. Migrate a new/,
      );
      expect(
        await rules.query(`
          select relnamespace::regnamespace::text as schema, relname from pg_class
          where relkind = 'r' and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema')`),
      ).toEqual([{ schema: 'darkroom', relname: 'migrations' }]);
    },
    { migrated: false },
  ));
