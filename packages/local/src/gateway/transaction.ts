import { createHash } from 'node:crypto';
import type { PoolClient, QueryConfig } from 'pg';
import type { ConnectionPool } from './pool.ts';

export interface Statement {
  text: string;
  values: (string | null)[];
}

/** The single row that every statement of the gateway returns. */
export interface Result {
  /** Matching rows without limit and offset, when a count was requested. */
  total: number | null;
  /** Rows returned or changed. */
  rows: number;
  /** Rows that an upsert inserted. */
  inserted: number | null;
  /** JSON for the client. */
  body: string;
  /** `response.status` and, as JSON, `response.headers`, if the database set them. */
  status: string | null;
  headers: string | null;
}

export interface Transaction {
  /** Settings of this transaction, applied in order. */
  settings: readonly (readonly [name: string, value: string])[];
  readOnly: boolean;
  statement: Statement;
  /** Called with the result before the commit; an exception rolls the transaction back. */
  check?: ((result: Result) => void) | undefined;
}

export type RunTransaction = (transaction: Transaction) => Promise<Result>;

/** Further statements are not prepared, but parsed each time. */
const MAX_PREPARED = 500;

/**
 * Runs one statement in its own transaction. Begin, settings, statement and commit are sent together, in one round trip:
 * when one fails, Postgres refuses the following ones and turns the commit into a rollback.
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
      // The pool closes a connection that is not idle again.
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
      // When this fails too, the connection is lost, and with it the transaction.
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
 * Waits for statements that were sent together. Returns their results or throws the first error, which caused the others.
 */
export async function inOrder<Answer>(answers: Promise<Answer>[]): Promise<Answer[]> {
  const settled = await Promise.allSettled(answers);
  const failed = settled.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<Answer>).value);
}
