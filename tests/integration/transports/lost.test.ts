import { randomUUID } from 'node:crypto';
import { DatabaseUnavailable } from '@darkroom/db/errors';
import { migrate } from '@darkroom/db/migrate/migrate';
import type { OpenDatabase } from '@darkroom/db/open';
import { type Postgres, startPostgres } from '@darkroom/local/postgres/start';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWays, type Ways, ways } from './transports.ts';

let postgres: Postgres;
let pool: pg.Pool;
let opened: Ways;

beforeAll(async () => {
  postgres = await startPostgres();
  await migrate(postgres.url);
  pool = new pg.Pool({ connectionString: postgres.url, max: 4, application_name: 'test' });
  pool.on('error', () => {});
  opened = await openWays(postgres.url);
});

afterAll(async () => {
  await opened?.close();
  await pool?.end();
  await postgres?.stop();
});

describe.each(ways)('over %s', (way) => {
  test('a server that is away is unavailable at once, and what can wait for it is done once it is back', async () => {
    const userId = `user_${randomUUID()}`;
    const hasty = opened.open(way, { retries: 0 });
    const patient = opened.open(way, { retries: 7 });
    await Promise.all(Array.from({ length: 6 }, () => patient.ping({ timeoutMs: 5_000 })));
    let waiting: Promise<unknown> | undefined;
    await postgres.restart({
      mode: 'fast',
      whileDown: async () => {
        await expect(hasty.getModelHealth()).rejects.toThrow(DatabaseUnavailable);
        await expect(patient.ping({ timeoutMs: 5_000 })).rejects.toThrow(DatabaseUnavailable);
        waiting = submit(patient, userId, 'one');
        waiting.catch(() => {});
      },
    });
    expect(await waiting).toMatchObject({ charged: 1 });
    expect(await debits(userId)).toBe(1);
  });

  test('a connection that is cut under way is unavailable, and a repeat does it once', async () => {
    const userId = await makeUser(way);
    const hasty = opened.open(way, { retries: 0 });
    const patient = opened.open(way, { retries: 5 });
    await whileLocked(userId, async (cutWaiting) => {
      const lost = expect(submit(hasty, userId, 'lost')).rejects.toThrow(DatabaseUnavailable);
      await cutWaiting(1);
      await lost;
    });
    const done = await whileLocked(userId, async (cutWaiting) => {
      const both = [submit(patient, userId, 'one'), submit(patient, userId, 'one')];
      await cutWaiting(2);
      return both;
    });
    const [one, other] = await Promise.all(done);
    expect(one!.job.id).toBe(other!.job.id);
    expect(await debits(userId)).toBe(1);
  });

  test('an answer that does not come in time is unavailable, and takes nothing with it', async () => {
    const userId = await makeUser(way);
    const direct = { databaseUrl: postgres.url, poolSize: 1, name: 'conformance' };
    const db = opened.open(way, { retries: 0, timeoutMs: 700, ...(way === 'direct' ? { direct } : {}) });
    await whileLocked(userId, async () => {
      for (const key of ['one', 'two', 'three']) {
        await expect(submit(db, userId, key)).rejects.toThrow(DatabaseUnavailable);
      }
    });
    await expect.poll(() => submit(db, userId, 'four').catch(() => null)).toMatchObject({ charged: 1 });
  });

  test('what fails for good is no unavailability, and is not repeated', async () => {
    await pool.query(`create sequence if not exists public.calls;
      grant usage on sequence public.calls to service_role;
      create or replace function public.end_worker(p_worker_id uuid) returns void language plpgsql as $$ begin
        raise exception 'call %', nextval('public.calls'); end $$`);
    const before = await nextCall();
    const error = await opened
      .open(way)
      .endWorker({ workerId: randomUUID() })
      .catch((thrown: Error) => thrown);
    expect(error).not.toBeInstanceOf(DatabaseUnavailable);
    expect(error).toMatchObject({ message: `the database refused a request: P0001 call ${before + 1}` });
    expect(await nextCall()).toBe(before + 2);
  });
});

describe('connections of its own', () => {
  const open = (role: string, poolSize = 2) => {
    const databaseUrl = Object.assign(new URL(postgres.url), { username: role, password: 'secret' }).href;
    return opened.open('direct', { direct: { databaseUrl, poolSize, name: 'closing' }, retries: 0 });
  };
  const sessions = async () =>
    (await pool.query(`select from pg_stat_activity where application_name = 'closing'`)).rowCount;

  test('a login role that may is service_role; one that may not needs rights of its own', async () => {
    await pool.query(`create role member login password 'secret' in role service_role;
      create role stranger login password 'secret'`);
    await open('member').ping({ timeoutMs: 5_000 });
    await expect(open('stranger').ping({ timeoutMs: 5_000 })).rejects.toThrow(/42501 permission denied/);
    await pool.query('grant execute on function public.ping_database() to stranger');
    await open('stranger').ping({ timeoutMs: 5_000 });
  });

  test('when all are busy the next one waits, and no longer than it may', async () => {
    const userId = await makeUser('direct');
    const db = open('member', 1);
    const submitted = await whileLocked(userId, async () => {
      const busy = submit(db, userId, 'one');
      await expect(db.ping({ timeoutMs: 300 })).rejects.toThrow(DatabaseUnavailable);
      return [busy];
    });
    await submitted[0];
    await db.ping({ timeoutMs: 5_000 });
  });

  test('closing lets what is under way come to its end, leaves no session, and may be done twice', async () => {
    const userId = await makeUser('direct');
    const db = open('member');
    const [busy, closed] = await whileLocked(userId, async () => {
      const busy = submit(db, userId, 'one');
      await waiting(1);
      return [busy, Promise.all([db.close(), db.close()])] as const;
    });
    expect(await busy).toMatchObject({ charged: 1 });
    await closed;
    await opened.close();
    await expect.poll(sessions).toBe(0);
  });
});

async function makeUser(way: (typeof ways)[number]): Promise<string> {
  const userId = `user_${randomUUID()}`;
  await opened.open(way).ensureUser({ userId, email: null, defaultCredits: 5 });
  return userId;
}

function submit(db: OpenDatabase, userId: string, key: string) {
  return db.createJob({
    userId,
    email: null,
    input: {
      prompt: 'a fox',
      custom_prompt_id: null,
      input_image_key: null,
      aspect_ratio: null,
      image_size: null,
      model_requested: 'first',
      fallback: true,
      metadata: null,
    },
    price: 1,
    idempotencyKey: key,
    requestHash: key,
    defaultCredits: 5,
    maxActiveJobs: 100,
    deadlineMs: 600_000,
  });
}

/** Holds the user's row, so that whoever debits it waits; `cut` ends the sessions of so many that wait. */
async function whileLocked<Result>(
  userId: string,
  work: (cut: (count: number) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const holder = await pool.connect();
  try {
    await holder.query('begin');
    await holder.query('select from users where id = $1 for update', [userId]);
    return await work(async (count) => {
      for (const pid of await waiting(count)) await pool.query('select pg_terminate_backend($1)', [pid]);
    });
  } finally {
    await holder.query('rollback');
    holder.release();
  }
}

/** The sessions that wait for a row, once there are so many. */
async function waiting(count: number): Promise<number[]> {
  const read = async () =>
    (await pool.query<{ pid: number }>(`select pid from pg_stat_activity where wait_event_type = 'Lock'`))
      .rows;
  await expect.poll(read).toHaveLength(count);
  return (await read()).map(({ pid }) => pid);
}

async function debits(userId: string): Promise<number> {
  const { rows } = await pool.query(
    `select count(*)::integer as count from credit_ledger where user_id = $1 and kind = 'job_debit'`,
    [userId],
  );
  return rows[0].count;
}

async function nextCall(): Promise<number> {
  return Number((await pool.query(`select nextval('public.calls') as number`)).rows[0].number);
}
