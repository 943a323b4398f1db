import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach } from 'vitest';
import { createDatabase } from '../../support/database.ts';
import { usedFor } from '../../support/used.ts';

/** A migrated database of its own with short ways to the functions of `migrations/`, for tests of their guarantees. */
export async function openRules(options: { migrated?: boolean } = {}) {
  const database = await createDatabase(options);
  const pool = new pg.Pool({ connectionString: database.url, max: 20 });
  pool.on('error', () => {});

  const query = async <Row extends pg.QueryResultRow = Record<string, any>>(
    sql: string,
    values: unknown[] = [],
  ) => (await pool.query<Row>(sql, values)).rows;
  const value = async <Value = any>(sql: string, values: unknown[] = []): Promise<Value> =>
    Object.values((await query(sql, values))[0] ?? {})[0] as Value;

  const rules = {
    url: database.url,
    pool,
    query,
    value,

    /** Runs statements in one transaction as a signed-in user of Supabase would. */
    async asUser<Result>(
      userId: string,
      work: (run: (sql: string, values?: unknown[]) => Promise<any[]>) => Promise<Result>,
      claims: object = {},
    ) {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query(
          `select set_config('role', 'authenticated', true), set_config('request.jwt.claims', $1, true)`,
          [JSON.stringify({ sub: userId, role: 'authenticated', ...claims })],
        );
        const result = await work(async (sql, values = []) => (await client.query(sql, values)).rows);
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback');
        throw error;
      } finally {
        client.release();
      }
    },

    /** A connection whose clock of the rules is ahead by `interval`; the row locks are real. */
    async ahead<Result>(interval: string, work: (run: typeof value) => Promise<Result>): Promise<Result> {
      const client = await pool.connect();
      try {
        await client.query(`select set_config('darkroom.clock_offset', $1, false)`, [interval]);
        return await work(
          async (sql, values = []) =>
            Object.values((await client.query(sql, values)).rows[0] ?? {})[0] as any,
        );
      } finally {
        await client.query(`select set_config('darkroom.clock_offset', '', false)`);
        client.release();
      }
    },

    async user(credits = 100): Promise<string> {
      const id = `user_${randomUUID().slice(0, 8)}`;
      await query('select ensure_user($1, null, $2)', [id, credits]);
      return id;
    },

    credits: (userId: string) => value<number>('select credits from users where id = $1', [userId]),

    submit: (
      userId: string,
      options: {
        price?: number;
        key?: string;
        hash?: string;
        prompt?: string;
        max?: number;
        input?: object;
      } = {},
    ) =>
      value('select create_job($1, $2, $3, $4, $5, null, 5, $6)', [
        userId,
        JSON.stringify({
          prompt: options.prompt ?? 'a cat',
          model_requested: 'primary',
          fallback: true,
          ...options.input,
        }),
        options.price ?? 3,
        options.key ?? randomUUID(),
        options.hash ?? 'hash',
        options.max ?? 1_000,
      ]),

    async worker(): Promise<string> {
      const id = randomUUID();
      await query('select heartbeat($1)', [id]);
      return id;
    },

    claim: (jobId: string, workerId: string) => value('select claim_job($1, $2)', [jobId, workerId]),
    complete: (jobId: string, attempt: number, servedPrice = 3, run: typeof value = value) =>
      run<boolean>('select complete_job($1, $2, $3, $4)', [
        jobId,
        attempt,
        JSON.stringify(storedImage),
        servedPrice,
      ]),
    fail: (jobId: string, attempt: number) =>
      value<boolean>(`select fail_job($1, $2, 'no_image', 'the model said nothing')`, [jobId, attempt]),
    retry: (jobId: string, attempt: number, delayMs = 0, counts = true) =>
      value(`select retry_job($1, $2, 'provider_unavailable', '503', $3, $4)`, [
        jobId,
        attempt,
        delayMs,
        counts,
      ]),
    cancel: (jobId: string, userId: string) => value('select cancel_job($1, $2)', [jobId, userId]),
    sweep: (limit = 500) => value('select sweep($1)', [limit]),
    job: async (jobId: string) =>
      (await query('select * from image_generation_jobs where id = $1', [jobId]))[0]!,
    run: async (jobId: string) => (await query('select * from job_runs where job_id = $1', [jobId]))[0]!,
    ledger: (userId: string) => query('select * from credit_ledger where user_id = $1 order by id', [userId]),
    audit: () => query('select * from credit_audit'),

    async close() {
      await pool.end();
      await database.drop();
    },
  };
  return rules;
}

export type Rules = Awaited<ReturnType<typeof openRules>>;

/** One for all tests of a file. */
export const useRules = () => usedFor(openRules);
/** One for each test of a file. */
export const useFreshRules = () => usedFor(openRules, { before: beforeEach, after: afterEach });

export const storedImage = {
  object_key: 'users/u/jobs/j/1-a.png',
  image_url: 'https://cdn.test/users/u/jobs/j/1-a.png',
  thumbnail_key: 'users/u/jobs/j/1-a-thumb.webp',
  thumbnail_url: 'https://cdn.test/users/u/jobs/j/1-a-thumb.webp',
  width: 1024,
  height: 1024,
  mime_type: 'image/png',
  sha256: 'f'.repeat(64),
  model: 'primary',
};
