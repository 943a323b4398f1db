import { beforeAll, describe, expect, it } from 'vitest';
import { useRules } from './rules.ts';

const rules = useRules();
let ada: string;
let boris: string;
let job: string;

beforeAll(async () => {
  [ada, boris] = [await rules.user(20), await rules.user(20)];
  job = (await rules.submit(ada)).job.id;
});

const denied = { code: '42501' };

describe("a user's own role", () => {
  it('reads its own rows and nothing of another', async () => {
    for (const [who, expected] of [
      [ada, [{ id: job }]],
      [boris, []],
    ] as const) {
      await rules.asUser(who, async (run) => {
        expect(await run('select id from image_generation_jobs')).toEqual(expected);
        expect(await run('select id from users')).toEqual([{ id: who }]);
        for (const row of await run('select user_id from credit_ledger')) expect(row.user_id).toBe(who);
      });
    }
  });

  it('sees every column of its own rows, as `select *` asks for them', async () => {
    await rules.asUser(ada, async (run) => {
      for (const table of [
        'users',
        'image_generation_jobs',
        'generated_images',
        'custom_prompts',
        'subscriptions',
      ]) {
        await run(`select * from ${table}`);
      }
    });
  });

  it.each([
    'update users set credits = credits + 1',
    "update users set credits = 1000000 where id = auth.jwt() ->> 'sub'",
    'update users set credits = -1',
    `update users set id = 'user_other'`,
    'delete from users',
    'truncate users',
    `insert into credit_ledger (user_id, kind, amount, balance_after, reference) values (auth.jwt() ->> 'sub', 'grant', 5, 5, 'x')`,
    'update credit_ledger set amount = 100',
    'delete from credit_ledger',
    `insert into image_generation_jobs (user_id, managed) values (auth.jwt() ->> 'sub', true)`,
    `insert into image_generation_jobs (user_id, prompt) values (auth.jwt() ->> 'sub', 'free image')`,
    `update image_generation_jobs set managed = false`,
    `update image_generation_jobs set receipt = '{}'`,
    `insert into generated_images (user_id, image_url, object_key) values (auth.jwt() ->> 'sub', 'x', 'users/other/secret.png')`,
    `insert into subscriptions (user_id, status) values (auth.jwt() ->> 'sub', 'Pro')`,
    `update subscriptions set status = 'Pro'`,
    'select * from job_runs',
    'select * from workers',
    'select * from idempotency_keys',
    'select * from credit_audit',
  ])('is refused: %s', async (sql) => {
    await expect(rules.asUser(ada, (run) => run(sql))).rejects.toMatchObject(denied);
  });

  it('cannot touch a managed job by the columns it may write', async () => {
    const before = await rules.job(job);
    await rules.asUser(ada, async (run) => {
      expect(
        await run(`update image_generation_jobs set status = 'pending', progress = 0 returning id`),
      ).toEqual([]);
      expect(await run(`delete from image_generation_jobs returning id`)).toEqual([]);
    });
    expect(await rules.job(job)).toEqual(before);
  });

  it('cannot make a job that runs unpaid: a row of its own is not managed and no worker takes it', async () => {
    const id = await rules.asUser(
      ada,
      async (run) =>
        (
          await run(
            `insert into image_generation_jobs (user_id, status) values ($1, 'pending') returning id`,
            [ada],
          )
        )[0].id,
    );
    expect(await rules.claim(id, await rules.worker())).toEqual({ kind: 'drop' });
    await rules.asUser(ada, (run) =>
      run(`update image_generation_jobs set status = 'failed' where id = $1`, [id]),
    );
  });

  it('cannot write rows in the name of another', async () => {
    for (const sql of [
      'insert into image_generation_jobs (user_id) values ($1)',
      `insert into generated_images (user_id, image_url) values ($1, 'x')`,
      `insert into custom_prompts (user_id, prompt_text) values ($1, 'x')`,
      `insert into users (id, email) values ($1 || 'x', 'x@example.com')`,
    ]) {
      await expect(
        rules.asUser(ada, (run) => run(sql, [boris])),
        sql,
      ).rejects.toMatchObject(denied);
    }
  });

  it('can call no function of the server', async () => {
    const functions: { call: string; name: string }[] = await rules.query(
      `select proname as name, format('select %I.%I(%s)', pronamespace::regnamespace, proname,
         (select string_agg(format('null::%s', t::regtype), ', ') from unnest(proargtypes) t)) as call
       from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f' and proname <> 'spend_credits'`,
    );
    expect(functions.length).toBeGreaterThan(15);
    for (const { call } of functions) {
      await expect(
        rules.asUser(ada, (run) => run(call)),
        call,
      ).rejects.toMatchObject(denied);
    }
  });

  it('lowers its credits as the native app does; the change is booked', async () => {
    const user = await rules.user(5);
    const [row] = await rules.asUser(user, (run) =>
      run('update users set credits = credits - 2 returning credits'),
    );
    expect(row.credits).toBe(3);
    expect((await rules.ledger(user)).at(-1)).toMatchObject({
      kind: 'native_app',
      amount: -2,
      balance_after: 3,
    });
  });

  it('makes its own row with at most 5 credits, booked, and an e-mail that only the token can give', async () => {
    const [row] = await rules.asUser('user_new', (run) =>
      run(
        `insert into users (id, email, credits) values ('user_new', 'victim@example.com', 1000) returning *`,
      ),
    );
    expect(row).toMatchObject({ credits: 5, email: 'user_new@users.invalid' });
    expect(await rules.ledger('user_new')).toMatchObject([{ kind: 'native_app', amount: 5 }]);
    const [claimed] = await rules.asUser(
      'user_claim',
      (run) => run(`insert into users (id, email) values ('user_claim', 'x@example.com') returning *`),
      { email: 'claim@example.com' },
    );
    expect(claimed).toMatchObject({ credits: 3, email: 'claim@example.com' });
    await rules.asUser('user_claim', (run) => run(`update users set email = 'victim@example.com'`));
    expect(await rules.value(`select email from users where id = 'user_claim'`)).toBe('claim@example.com');
  });

  it('spends in one step, once per reference, never more than it has', async () => {
    const user = await rules.user(5);
    const spend = (amount: number, reference: string) =>
      rules.asUser(
        user,
        async (run) => (await run('select spend_credits($1, $2) as left', [amount, reference]))[0].left,
      );
    expect(await Promise.all(Array.from({ length: 5 }, () => spend(3, 'one')))).toEqual([2, 2, 2, 2, 2]);
    await expect(spend(3, 'two')).rejects.toMatchObject({ code: 'DR402' });
    expect(await spend(3, 'one')).toBe(2);
    expect(await rules.credits(user)).toBe(2);
  });
});

it('opens nothing to anon: no row, no function', async () => {
  const client = await rules.pool.connect();
  await client.query(`begin; set local role anon`);
  for (const table of [
    'users',
    'image_generation_jobs',
    'generated_images',
    'custom_prompts',
    'subscriptions',
  ]) {
    expect((await client.query(`select * from ${table}`)).rows).toEqual([]);
  }
  await client.query('rollback');
  client.release();
  expect(
    await rules.query(
      `select proname from pg_proc where pronamespace = 'public'::regnamespace
       and (has_function_privilege('anon', oid, 'execute') or has_function_privilege('authenticated', oid, 'execute'))`,
    ),
  ).toEqual([{ proname: 'spend_credits' }]);
});

it('takes no address from its owner, and fills a placeholder in when the address is free', async () => {
  const first = await rules.query(`select * from ensure_user('user_mail_1', 'same@example.com')`);
  const second = await rules.query(`select * from ensure_user('user_mail_2', 'same@example.com')`);
  expect(first[0]!.email).toBe('same@example.com');
  expect(second[0]!.email).toBe('user_mail_2@users.invalid');
  const third = await rules.query(`select * from ensure_user('user_mail_2', 'other@example.com')`);
  expect(third[0]!).toMatchObject({ email: 'other@example.com', credits: 5 });
  const fourth = await rules.query(`select * from ensure_user('user_mail_2', 'third@example.com')`);
  expect(fourth[0]!.email, 'an address that is there stays').toBe('other@example.com');
});

it('makes a user once when twenty ask at the same moment', async () => {
  await Promise.all(
    Array.from({ length: 20 }, () => rules.query(`select ensure_user('user_rush', 'rush@example.com')`)),
  );
  expect(await rules.credits('user_rush')).toBe(5);
});

it('does not make a deleted user anew', async () => {
  await rules.query(`insert into darkroom.tombstones values ('user_gone', now())`);
  await expect(rules.query(`select ensure_user('user_gone')`)).rejects.toMatchObject({ code: 'DR401' });
  await expect(
    rules.asUser('user_gone', (run) => run(`insert into users (id, email) values ('user_gone', 'x')`)),
  ).rejects.toMatchObject(denied);
});

it('changes or removes no row of the ledger for any role', async () => {
  await expect(rules.query('update credit_ledger set amount = 1')).rejects.toMatchObject(denied);
  await expect(rules.query('delete from credit_ledger')).rejects.toMatchObject(denied);
  await expect(rules.query('truncate credit_ledger')).rejects.toMatchObject(denied);
});

it('books a balance that is set by hand, or by a trigger of the live database', async () => {
  const user = await rules.user(5);
  await rules.query('update users set credits = 50 where id = $1', [user]);
  await rules.query(
    `create function give() returns trigger language plpgsql as $$
       begin update users set credits = credits + 1 where id = new.user_id; return new; end $$`,
  );
  await rules.query(
    `create trigger give after insert on custom_prompts for each row execute function give()`,
  );
  await rules.query(`insert into custom_prompts (user_id, prompt_text) values ($1, 'x')`, [user]);
  expect((await rules.ledger(user)).map((row) => [row.kind, row.amount])).toEqual([
    ['signup', 5],
    ['adjustment', 45],
    ['adjustment', 1],
  ]);
});

it('grants once per reference', async () => {
  const user = await rules.user(1);
  const grant = () => rules.value(`select grant_credits($1, 10, 'invoice-1', 'paid')`, [user]);
  expect(await Promise.all([grant(), grant(), grant()])).toEqual([11, 11, 11]);
});

it('sees every break of an invariant in the audit', async () => {
  const user = await rules.user(10);
  const { id } = (await rules.submit(user)).job;
  const client = await rules.pool.connect();
  const findings: string[] = [];
  for (const damage of [
    `update users set credits = credits + 1 where id = '${user}'`,
    `delete from credit_ledger where job_id = '${id}'`,
    `update image_generation_jobs set status = 'failed', completed_at = now() where id = '${id}'`,
    `update image_generation_jobs set receipt = '{"net": 1}' where id = '${id}'`,
    `update job_runs set active = false where job_id = '${id}'`,
    `delete from job_runs where job_id = '${id}'`,
  ]) {
    await client.query('begin');
    // As if the triggers were not there: the audit must not depend on them.
    await client.query('set local session_replication_role = replica');
    await client.query(damage);
    const { rows } = await client.query('select problem from credit_audit where id in ($1, $2)', [user, id]);
    findings.push(...rows.map((row) => row.problem));
    await client.query('rollback');
  }
  client.release();
  expect(new Set(findings)).toEqual(
    new Set([
      'balance differs from the ledger',
      'was not debited once',
      'an unfinished job does not net its price',
      'a failed job does not net 0',
      'the receipt differs from the ledger',
      'its run is out of step',
      'has no run',
    ]),
  );
});
