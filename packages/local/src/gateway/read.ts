import type { Catalog, Relation } from './catalog.ts';
import { notSingle } from './errors.ts';
import type { Scope } from './field.ts';
import { parseOrder } from './parse-order.ts';
import { parseSelect } from './parse-select.ts';
import { parseWhere } from './parse-where.ts';
import { AS_ARRAY, AS_OBJECT, finish, jsonHeaders, NO_BODY, type Plan, type Reply } from './plan.ts';
import { contentRange, parseRange, type Range, rangeStatus } from './range.ts';
import type { RestRequest } from './request.ts';
import { createParameters, quoteIdentifier } from './sql.ts';
import type { Result } from './transaction.ts';

/** GET and HEAD of a table or view. */
export async function planRead(request: RestRequest, table: string, catalog: Catalog): Promise<Plan> {
  const relation = await catalog.relation(table);
  const range = parseRange(request.query, request.headers.range);
  const scope = relationScope(relation);
  const { source, count } = selectRows(request, scope.qualifier, scope, range);
  const ctes = `pgrst_source as (${source})${count}`;
  const body = request.method === 'HEAD' ? NO_BODY : request.single ? AS_OBJECT : AS_ARRAY;
  return {
    statement: {
      text: finish(ctes, { body, ...(count ? { total: COUNTED } : {}) }),
      values: scope.parameters.values,
    },
    readOnly: true,
    check: request.single ? checkSingle : undefined,
    reply: (result) => replyWithRows(request, range, result),
  };
}

export function relationScope(relation: Relation): Scope {
  return {
    qualifier: `"public".${quoteIdentifier(relation.name)}`,
    columns: relation.columns,
    parameters: createParameters(),
  };
}

/** The number of matching rows, when `count` of selectRows is not empty. */
export const COUNTED = '(select pg_catalog.count(*) from pgrst_count)';

/** The requested rows of `from`, and a CTE that counts all matching rows when a count was requested. */
export function selectRows(
  { query, prefer }: RestRequest,
  from: string,
  scope: Scope,
  range: Range,
): { source: string; count: string } {
  const select = parseSelect(query.select, scope);
  const where = parseWhere(query, scope);
  const order = parseOrder(query.order, scope);
  const limit = range.limit === null ? '' : ` limit ${scope.parameters.add(String(range.limit))}`;
  const offset = range.offset === 0 ? '' : ` offset ${scope.parameters.add(String(range.offset))}`;
  return {
    source: `select ${select} from ${from}${where}${order}${limit}${offset}`,
    count: prefer.count ? `, pgrst_count as (select 1 from ${from}${where})` : '',
  };
}

/** @throws GatewayError PGRST116 unless there is exactly one row. */
export function checkSingle({ rows }: Result): void {
  if (rows !== 1) throw notSingle(rows);
}

export function replyWithRows(request: RestRequest, range: Range, result: Result): Reply {
  const status = rangeStatus(range, result.rows, result.total);
  return {
    status,
    headers: {
      ...jsonHeaders(request.single),
      'Content-Range': contentRange(range.offset, range.offset + result.rows - 1, result.total),
      ...(request.prefer.count ? { 'Preference-Applied': 'count=exact' } : {}),
    },
    body: request.method === 'HEAD' ? null : result.body,
  };
}
