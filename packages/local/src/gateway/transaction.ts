import { createHash } from 'node:crypto';
import type { PoolClient, QueryConfig } from 'pg';
import type { ConnectionPool } from './pool.ts';

export interface Statement {
  text: string;
  values: (string | null)[];
}

/** The one row that every statement of the gateway returns. */
export interface Result {
  /** Rows that match without limit and offset, when they were to be counted. */
  total: number | null;
  /** Rows returned or changed. */
  rows: number;
  /** Rows that an upsert inserted. */
  inserted: number | null;
  /** JSON as it goes to the client. */
  body: string;
  /** What the database set as `response.status` and, as JSON, `response.headers`. */
  status: string | null;
  headers: string | null;
}

export interface Transaction {
  /** Settings for this transaction alone, applied in order. */
  settings: readonly (readonly [name: string, value: string])[];
  readOnly: boolean;
  statement: Statement;
  /** Sees the result before the commit; throwing rolls everything back. */
  check?: ((result: Result) => void) | undefined;
}

export type RunTransaction = (transaction: Transaction) => Promise<Result>;

/** Beyond this many different statements, further ones are parsed anew each time. */
const MAX_PREPARED = 500;

/**
 * Runs one statement in a transaction of its own. Begin, settings, statement and commit are sent together and
 * cost one round trip: when one fails, Postgres refuses those after it and turns the commit into a rollback.
 */
export function createRunner(pool: ConnectionPool): RunTransaction {
  const names = new Map<string, string>();

  return async (transaction) => {
    const client = await pool.acquire();
    try {
      return transaction.check
        ? await runChecked(client, transaction, transaction.check)
        : await runUnchecked(client, transaction);
    } finally {
      // A connection that is not back at rest is closed by the pool, never used again.
      client.release(client.getTransactionStatus() !== 'I');
    }
  };

  async function runUnchecked(client: PoolClient, transaction: Transaction): Promise<Result> {
    const [, , result] = await inOrder([...start(client, transaction), client.query('commit')]);
    return result!.rows[0] as Result;
  }

  async function runChecked(
    client: PoolClient,
    transaction: Transaction,
    check: (result: Result) => void,
  ): Promise<Result> {
    try {
      const [, , answer] = await inOrder(start(client, transaction));
      const result = answer!.rows[0] as Result;
      check(result);
      await client.query('commit');
      return result;
    } catch (error) {
      // Where even this fails the connection is lost, and with it the transaction.
      await client.query('rollback').catch(() => {});
      throw error;
    }
  }

  function start(client: PoolClient, { settings, readOnly, statement }: Transaction) {
    return [
      client.query(readOnly ? 'begin read only' : 'begin'),
      client.query(prepared(setUp(settings))),
      client.query(prepared(statement)),
    ];
  }

  function prepared({ text, values }: Statement): QueryConfig {
    let name = names.get(text);
    if (name === undefined && names.size < MAX_PREPARED) {
      name = createHash('sha1').update(text).digest('base64url');
      names.set(text, name);
    }
    return { name, text, values };
  }
}

function setUp(settings: Transaction['settings']): Statement {
  const calls = settings.map((_, at) => `set_config($${2 * at + 1}, $${2 * at + 2}, true)`);
  return { text: `select ${calls.join(', ')}`, values: settings.flat() };
}

/**
 * Waits for statements that were sent together, then gives their results or throws the first error: the later ones only
 * follow from it.
 */
export async function inOrder<Answer>(answers: Promise<Answer>[]): Promise<Answer[]> {
  const settled = await Promise.allSettled(answers);
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<Answer>).value);
}
