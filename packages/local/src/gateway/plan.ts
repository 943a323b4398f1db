import { GatewayError } from './errors.ts';
import type { Result, Statement } from './transaction.ts';

export interface Reply {
  status: number;
  headers: Record<string, string>;
  /** JSON, or null for none. */
  body: string | null;
}

/** The one statement of a request, and how its result becomes an answer. */
export interface Plan {
  statement: Statement;
  readOnly: boolean;
  /** Overrides the timeout of the role. */
  statementTimeout?: string | undefined;
  /** Called with the result before the commit; an exception rolls the transaction back. */
  check?: ((result: Result) => void) | undefined;
  reply: (result: Result) => Reply;
}

const INSERTED = "nullif(current_setting('pgrst.inserted', true), '')::int";

/**
 * The outer statement of every plan. Postgres turns the rows of `pgrst_source` into JSON, so that times and numbers are
 * written as PostgREST writes them.
 */
export function finish(
  ctes: string,
  { body, total, upserts = false }: { body: string; total?: string; upserts?: boolean },
): string {
  return `with ${ctes}
select ${total ?? 'null'}::int as total, pg_catalog.count(*)::int as rows, (${body})::text as body,
  ${upserts ? INSERTED : 'null::int'} as inserted,
  nullif(current_setting('response.status', true), '') as status,
  nullif(current_setting('response.headers', true), '') as headers
from (select * from pgrst_source) _postgrest_t`;
}

export const AS_ARRAY = `coalesce(json_agg(_postgrest_t), '[]')`;
export const AS_OBJECT = `coalesce(json_agg(_postgrest_t)->0, 'null')`;
export const NO_BODY = `''`;

export function jsonHeaders(single: boolean): Record<string, string> {
  const type = single ? 'application/vnd.pgrst.object+json' : 'application/json';
  return { 'Content-Type': `${type}; charset=utf-8` };
}

/** Applies `response.status` and `response.headers`, if the database set them. */
export function override(reply: Reply, result: Result): Reply {
  if (result.status === null && result.headers === null) return reply;
  return {
    ...reply,
    status: result.status === null ? reply.status : readStatus(result.status),
    headers: { ...reply.headers, ...readHeaders(result.headers) },
  };
}

function readStatus(text: string): number {
  const status = Number(text);
  if (Number.isInteger(status) && status >= 200 && status <= 599) return status;
  throw new GatewayError(500, {
    code: 'PGRST112',
    message: 'response.status guc must be a valid status code',
  });
}

function readHeaders(text: string | null): Record<string, string> {
  if (text === null) return {};
  try {
    const entries = (JSON.parse(text) as Record<string, unknown>[]).map((header) => {
      const [[name, value] = [], ...others] = Object.entries(header);
      if (name === undefined || typeof value !== 'string' || others.length > 0) throw new Error('bad header');
      return [name, value] as const;
    });
    return Object.fromEntries(entries);
  } catch {
    throw new GatewayError(500, {
      code: 'PGRST111',
      message:
        'response.headers guc must be a JSON array composed of objects with a single key and a string value',
    });
  }
}
