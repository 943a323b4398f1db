import type pg from 'pg';

/** The plans that Postgres makes for the statements within functions. */
export interface Plans {
  /** Runs a statement on a session that remembers no plan, and returns those of all it runs. */
  of(sql: string, values?: unknown[]): Promise<string[]>;
  close(): void;
}

/** Plans as a session makes them that keeps them: without a look at the arguments. */
export async function openPlans(pool: pg.Pool): Promise<Plans> {
  const client = await pool.connect();
  let told: string[] = [];
  client.on('notice', ({ message = '' }) => told.push(message));
  await client.query(`load 'auto_explain'; set auto_explain.log_min_duration = 0;
    set auto_explain.log_nested_statements = on; set client_min_messages = log;
    set plan_cache_mode = force_generic_plan`);
  return {
    async of(sql, values = []) {
      await client.query('discard plans');
      told = [];
      await client.query(sql, values);
      return told;
    },
    close: () => client.release(true),
  };
}
