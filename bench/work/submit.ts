import type pg from 'pg';

/**
 * Creates jobs with create_job, each with its debit, in one statement; the users get enough credits.
 * Returns the ids.
 */
export async function submitJobs(
  pool: pg.Pool | pg.PoolClient,
  count: number,
  { users = 50 }: { users?: number } = {},
): Promise<string[]> {
  const { rows } = await pool.query(
    `select (create_job('user_bench' || (g % $2), '{"prompt": "a fox with a cup of tea"}', 1,
       gen_random_uuid()::text, 'bench', null, 1000000, 1000000) -> 'job' ->> 'id') as id
     from generate_series(1, $1::integer) g`,
    [count, users],
  );
  return rows.map((row) => row.id as string);
}

/** Waits until all jobs are completed; returns the number of its queries. @throws when one fails, or after `withinMs`. */
export async function waitUntilDone(
  pool: pg.Pool,
  ids: readonly string[],
  withinMs = 120_000,
): Promise<number> {
  const until = performance.now() + withinMs;
  for (let asked = 1; ; asked += 1) {
    const { rows } = await pool.query(
      `select count(*) filter (where status = 'completed')::integer as completed,
              count(*) filter (where status in ('failed', 'canceled'))::integer as failed
       from public.image_generation_jobs where id = any ($1::uuid[])`,
      [ids],
    );
    const { completed, failed } = rows[0];
    if (failed > 0) throw new Error(`${failed} of ${ids.length} jobs failed`);
    if (completed === ids.length) return asked;
    if (performance.now() > until) throw new Error(`${completed} of ${ids.length} jobs completed in time`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

/** Completed jobs per second from the first claim to the last completion, by the database's clock. */
export async function throughputOf(pool: pg.Pool, ids: readonly string[]): Promise<number> {
  const { rows } = await pool.query(
    `select extract(epoch from max(completed_at) - min(started_at))::float8 as seconds
     from public.image_generation_jobs where id = any ($1::uuid[])`,
    [ids],
  );
  return ids.length / rows[0].seconds;
}
