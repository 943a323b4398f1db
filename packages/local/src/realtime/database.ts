import { createHash } from 'node:crypto';
import { Pool, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import type { Identity } from '../gateway/authenticate.ts';
import { inOrder } from '../gateway/transaction.ts';

const MAX_CONNECTIONS = 4;
const CONNECT_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT = '8s';

/** The database as Realtime uses it: as the login role, and as a subscriber. */
export interface RealtimeDatabase {
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Runs a statement as this subscriber, in one round trip. */
  queryAs<Row extends object>(identity: Identity, text: string, values: unknown[]): Promise<Row[]>;
  /** Runs a transaction that is always rolled back. */
  attempt<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Connects at the first query and prepares each statement once per connection. Times are in UTC, as on Supabase. */
export function openDatabase(databaseUrl: string): RealtimeDatabase {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: 'realtime',
    options: `-c TimeZone=UTC -c statement_timeout=${STATEMENT_TIMEOUT}`,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    allowExitOnIdle: true,
    pipeline: true,
  });
  // The query in progress already fails; an unhandled error event would end the process.
  pool.on('error', () => {});
  pool.on('connect', (client) => void client.on('error', () => {}));
  let closed: Promise<void> | undefined;

  return {
    query: async <Row extends object>(text: string, values: unknown[] = []) =>
      (await pool.query<Row>(prepared(text, values))).rows,
    async queryAs<Row extends object>(identity: Identity, text: string, values: unknown[]) {
      const client = await pool.connect();
      try {
        const [, , answer] = await inOrder<QueryResult>([
          client.query('begin'),
          actAs(client, identity),
          client.query(prepared(text, values)),
          client.query('rollback'),
        ]);
        return answer!.rows as Row[];
      } finally {
        client.release(client.getTransactionStatus() !== 'I');
      }
    },
    async attempt(work) {
      const client = await pool.connect();
      let broken = false;
      try {
        await client.query('begin');
        return await work(client);
      } finally {
        await client.query('rollback').catch(() => {
          broken = true;
        });
        client.release(broken);
      }
    },
    close: () => {
      closed ??= pool.end();
      return closed;
    },
  };
}

/** Makes the client this subscriber until the end of the transaction. */
export function actAs(client: PoolClient, { role, claims }: Identity): Promise<QueryResult> {
  const text = `select set_config('request.jwt.claims', $1, true), set_config('role', $2, true)`;
  return client.query(prepared(text, [claims, role]));
}

function prepared(text: string, values: unknown[]): QueryConfig {
  return { name: createHash('sha1').update(text).digest('base64url'), text, values };
}
