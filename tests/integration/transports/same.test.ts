import { jobFields } from '@darkroom/core/job/job';
import { noTracing, type Tracing } from '@darkroom/core/runtime/trace/tracing';
import type { OpenDatabase } from '@darkroom/db/open';
import { serverFunctions } from '@darkroom/db/operators/server-functions';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import { exercise, newJob } from './exercise.ts';
import { type Line, recordTranscript } from './transcript.ts';
import { openWays, type Way, type Ways, ways } from './transports.ts';

interface Stage {
  database: TestDatabase;
  pool: pg.Pool;
  ways: Ways;
  lines: Line[];
  played: { ada: string; jobId: string };
}

const stages = {} as Record<Way, Stage>;

beforeAll(async () => {
  for (const way of ways) {
    const database = await createDatabase();
    const pool = new pg.Pool({ connectionString: database.url, max: 2 });
    pool.on('error', () => {});
    const opened = await openWays(database.url);
    const { db, lines } = recordTranscript(opened.open(way));
    const played = await exercise(db, (sql, values) => pool.query(sql, values));
    stages[way] = { database, pool, ways: opened, lines, played };
  }
});

afterAll(async () => {
  for (const stage of Object.values(stages)) {
    await stage.ways.close();
    await stage.pool.end();
    await stage.database.drop();
  }
});

test('every operation is called, and every refusal occurs', () => {
  const db = stages.direct.ways.open('direct');
  const operations = Object.keys(db).filter((name) => name !== 'close');
  const asked = new Set(stages.direct.lines.map(({ operation }) => operation));
  expect(operations.filter((name) => !asked.has(name))).toEqual([]);
  const codes = stages.direct.lines.map(({ outcome }) => (outcome as { code?: string } | null)?.code);
  expect([...new Set(codes)].filter(Boolean).sort()).toEqual(
    [
      'idempotency_key_reused',
      'insufficient_credits',
      'invalid_argument',
      'job_already_finished',
      'not_found',
      'prompt_not_found',
      'too_many_active_jobs',
      'user_deleted',
      'worker_unknown',
    ].sort(),
  );
});

test('every outcome is the same over both', () => {
  expect(stages.direct.lines).toEqual(stages.supabase.lines);
});

const reads: Record<string, (db: OpenDatabase, of: { userId: string; jobId: string }) => Promise<unknown>> = {
  job: (db, of) => db.getJob(of),
  jobs: (db, { userId }) => db.listJobs({ userId, status: null, limit: 100, cursor: null }),
  ledger: (db, { userId }) => db.listLedger({ userId, limit: 100, cursor: null }),
  prompts: (db, { userId }) => db.listPrompts({ userId, limit: 100, cursor: null }),
  user: (db, { userId }) => db.ensureUser({ userId, email: null, defaultCredits: 5 }),
  replay: (db, { userId }) => db.replayJob({ userId, idempotencyKey: 'one', requestHash: 'hash of one' }),
  changes: async (db, { userId }) =>
    (await db.listChanges({ jobs: [], users: [{ id: userId, since: null }] })).jobs,
};

test.each(Object.entries(reads))('both read exactly the same rows: %s', async (_, read) => {
  for (const way of ways) {
    const { ways: opened, played } = stages[way];
    const of = { userId: played.ada, jobId: played.jobId };
    const here = await read(opened.open('supabase'), of);
    const there = await read(opened.open('direct'), of);
    expect(there).toEqual(here);
    // The order of the fields is part of what an app is shown.
    expect(JSON.stringify(there)).toBe(JSON.stringify(here));
  }
});

test.each(ways)('over %s a job keeps the trace it was made in, and without one has none', async (way) => {
  const { ways: opened, pool } = stages[way];
  const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  let current: string | null = trace;
  const tracing: Tracing = { ...noTracing, enabled: true, current: () => current };
  const db = opened.open(way, { tracing });
  const userId = `user_${way}`;
  const submit = async (key: string) =>
    (await db.createJob(newJob(userId, key, { defaultCredits: 20 }))).job.id;
  const traced = await submit('one');
  current = null;
  const untraced = await submit('two');
  expect(await db.getTraces({ jobIds: [traced, untraced] })).toEqual({ [traced]: trace });
  const { rows } = await pool.query('select traceparent from job_runs where job_id = $1', [untraced]);
  expect(rows).toEqual([{ traceparent: null }]);
});

test.each(ways)('over %s a job is the same object wherever it comes from', async (way) => {
  const { ways: opened, pool } = stages[way];
  await pool.query('alter table image_generation_jobs add column if not exists of_the_app text');
  const db = opened.open(way);
  const userId = `user_shape_${way}`;
  const { job } = await db.createJob(newJob(userId, 'one', { defaultCredits: 20 }));
  const jobId = job.id;
  const replayed = await db.replayJob({ userId, idempotencyKey: 'one', requestHash: 'hash of one' });
  const read = await db.getJob({ userId, jobId });
  const { jobs } = await db.listChanges({ jobs: [{ id: jobId, version: 0 }], users: [] });
  const canceled = await db.cancelJob({ userId, jobId });
  for (const shown of [job, replayed!.job, read!, jobs[0]!, canceled]) {
    expect(Object.keys(shown)).toEqual([...jobFields]);
  }
});

test('the server acts as the same role, in UTC, in a session that carries its name', async () => {
  const { ways: opened, pool } = stages.direct;
  await pool.query(
    `create function public.whoami() returns jsonb language sql as $$ select jsonb_build_object(
      'role', current_user, 'timezone', current_setting('timezone'), 'timeout', current_setting('statement_timeout'),
      'name', current_setting('application_name')) $$;
     create or replace function public.ping_database() returns boolean language plpgsql as $$ begin
       raise exception '%', public.whoami(); end $$`,
  );
  const db = opened.open('direct', { timeoutMs: 4_000 });
  await expect(db.ping({ timeoutMs: 2_000 })).rejects.toThrow(
    /"name": "conformance", "role": "service_role", "timeout": "4s", "timezone": "UTC"/,
  );
});

test('what is read again and again by the API is read over the same connection', async () => {
  const { ways: opened, pool } = stages.direct;
  const application = 'looking';
  const databaseUrl = stages.direct.database.url;
  // As the API opens it: with less time than a worker has.
  const db = opened.open('direct', {
    timeoutMs: 4_000,
    direct: { databaseUrl, poolSize: 1, name: application },
  });
  const session = async () => {
    await db.listChanges({ jobs: [], users: [] });
    await db.getQueueSnapshot();
    const { rows } = await pool.query('select pid from pg_stat_activity where application_name = $1', [
      application,
    ]);
    return rows;
  };
  const first = await session();
  expect(first).toHaveLength(1);
  expect(await session()).toEqual(first);
});

test('lists are jsonb for every function but the one that is known not to', async () => {
  const { rows } = await stages.direct.pool.query(
    `select p.proname as name, argument.name as argument from pg_proc p,
       lateral unnest(p.proargnames[1:p.pronargs], p.proargtypes::oid[]) as argument (name, type)
     join pg_type t on t.oid = argument.type
     where p.pronamespace = 'public'::regnamespace and p.proname = any ($1) and t.typcategory = 'A'`,
    [[...serverFunctions]],
  );
  expect(rows).toEqual([
    { name: 'confirm_removed', argument: 'p_keys' },
    // Asked over the Data API alone.
    { name: 'operator_report', argument: 'p_functions' },
  ]);
});
