import type pg from 'pg';

/** The statistics of Postgres since its start. */
export interface DatabaseCost {
  transactions: number;
  rowsInserted: number;
  rowsUpdated: number;
  walBytes: number;
  tableBytes: number;
}

/** @param db connects as the superuser to the database of the deployment */
export async function readDatabaseCost(db: pg.Pool): Promise<DatabaseCost> {
  // Sessions report their statistics about once a second, and this session must drop its cached snapshot.
  await db.query('select pg_sleep(1.5), pg_stat_clear_snapshot()');
  const { rows } = await db.query(`
    select d.xact_commit::float8 as "transactions", d.tup_inserted::float8 as "rowsInserted",
      d.tup_updated::float8 as "rowsUpdated", w.wal_bytes::float8 as "walBytes",
      (select sum(pg_total_relation_size(c.oid))::float8 from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('public', 'darkroom') and c.relkind = 'r') as "tableBytes"
    from pg_stat_database d, pg_stat_wal w where d.datname = current_database()`);
  return rows[0];
}

/** The difference of two readings per job, minus the cost of the same time without jobs. */
export function costPer(
  jobs: number,
  before: DatabaseCost,
  after: DatabaseCost,
  idle: DatabaseCost,
): DatabaseCost {
  const share = (name: keyof DatabaseCost) =>
    Math.round(((after[name] - before[name] - idle[name]) / jobs) * 10) / 10;
  return {
    transactions: share('transactions'),
    rowsInserted: share('rowsInserted'),
    rowsUpdated: share('rowsUpdated'),
    walBytes: share('walBytes'),
    tableBytes: share('tableBytes'),
  };
}
