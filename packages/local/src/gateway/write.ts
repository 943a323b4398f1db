import type { Catalog, Relation } from './catalog.ts';
import { badBody, badQuery, GatewayError, notSingle } from './errors.ts';
import { readName, type Scope } from './field.ts';
import { parseSelect } from './parse-select.ts';
import { parseWhere } from './parse-where.ts';
import { readPayload } from './payload.ts';
import { AS_ARRAY, AS_OBJECT, finish, jsonHeaders, NO_BODY, type Plan, type Reply } from './plan.ts';
import { contentRange } from './range.ts';
import { relationScope } from './read.ts';
import type { RestRequest } from './request.ts';
import { quoteIdentifier } from './sql.ts';
import type { Result } from './transaction.ts';

/** POST: an insert, or an upsert with a `resolution` preference. */
export async function planInsert(
  request: RestRequest,
  body: string,
  table: string,
  catalog: Catalog,
): Promise<Plan> {
  const { relation, scope } = await prepare(request, table, catalog);
  const { query, prefer } = request;
  if (query.filters.length + query.logic.length > 0) {
    throw badQuery(`Filters on an insert are not supported by the local gateway: ${query.filters[0]?.[0]}`);
  }
  const options = { columns: query.columns, missingDefault: prefer.missingDefault };
  const payload = await readPayload(body, options, relation, catalog, scope.parameters);
  const names = payload.columns.map((column) => quoteIdentifier(column.name));
  const conflict = onConflict(request, relation, names);
  const merges = prefer.resolution === 'merge-duplicates' && conflict !== '';
  const source = `insert into ${scope.qualifier} ${names.length > 0 ? `(${names.join(', ')})` : ''}
    select ${names.map((name) => `pgrst_body.${name}`).join(', ')} from ${payload.sql}
    ${merges ? `where ${countInserts(1)}` : ''}${conflict} ${returning(request, scope)}`;
  return planWrite(request, scope, source, {
    upserts: merges,
    status: (result) => (merges && (result.inserted ?? 0) <= 0 ? 200 : 201),
    range: (result) => contentRange(1, 0, prefer.count ? result.rows : null),
  });
}

/** PATCH. A body without keys changes nothing. */
export async function planUpdate(
  request: RestRequest,
  body: string,
  table: string,
  catalog: Catalog,
): Promise<Plan> {
  const { relation, scope } = await prepare(request, table, catalog);
  const where = whereClause(request, 'UPDATE', scope);
  const options = { columns: request.query.columns, missingDefault: request.prefer.missingDefault };
  const payload = await readPayload(body, options, relation, catalog, scope.parameters);
  if (payload.isArray) throw badBody('An update takes one object');
  const sets = payload.columns.map(({ name }) => {
    const column = quoteIdentifier(name);
    return `${column} = pgrst_body.${column}`;
  });
  const source =
    sets.length > 0
      ? `update ${scope.qualifier} set ${sets.join(', ')} from ${payload.sql}${where} ${returning(request, scope)}`
      : `select ${parseSelect(request.query.select, scope)} from ${scope.qualifier}, ${payload.sql}${where} and false`;
  return planWrite(request, scope, source, {
    status: () => (request.prefer.representation ? 200 : 204),
    range: (result) => contentRange(0, result.rows - 1, request.prefer.count ? result.rows : null),
  });
}

export async function planDelete(request: RestRequest, table: string, catalog: Catalog): Promise<Plan> {
  const { scope } = await prepare(request, table, catalog);
  const where = whereClause(request, 'DELETE', scope);
  const source = `delete from ${scope.qualifier}${where} ${returning(request, scope)}`;
  return planWrite(request, scope, source, {
    status: () => (request.prefer.representation ? 200 : 204),
    range: (result) => contentRange(1, 0, request.prefer.count ? result.rows : null),
  });
}

async function prepare({ query, method }: RestRequest, table: string, catalog: Catalog) {
  for (const name of ['limit', 'offset', 'order'] as const) {
    if (query[name] !== null) throw badQuery(`${name} is not supported on ${method} by the local gateway.`);
  }
  const relation: Relation = await catalog.relation(table);
  return { relation, scope: relationScope(relation) };
}

/** As on Supabase, which loads the extension safeupdate. */
function whereClause({ query }: RestRequest, command: 'UPDATE' | 'DELETE', scope: Scope): string {
  const where = parseWhere(query, scope);
  if (where !== '') return where;
  throw new GatewayError(400, { code: '21000', message: `${command} requires a WHERE clause` });
}

function onConflict({ query, prefer }: RestRequest, relation: Relation, names: string[]): string {
  const keys = query.onConflict === null ? relation.primaryKey : listed(query.onConflict);
  if (prefer.resolution === null || keys.length === 0) return '';
  const target = ` on conflict (${keys.map(quoteIdentifier).join(', ')})`;
  if (prefer.resolution === 'ignore-duplicates' || names.length === 0) return `${target} do nothing`;
  const sets = names.map((name) => `${name} = excluded.${name}`);
  return `${target} do update set ${sets.join(', ')} where ${countInserts(-1)}`;
}

function listed(columns: string): string[] {
  return columns.split(',').map((column) => readName(column.trim(), 0).name);
}

/** Always true. Counts each row up, and each existing row down again, which leaves the inserts. */
function countInserts(by: 1 | -1): string {
  const now = `coalesce(nullif(current_setting('pgrst.inserted', true), '')::int, 0)`;
  return `set_config('pgrst.inserted', (${now} + ${by})::text, true) <> ''`;
}

function returning({ query, prefer }: RestRequest, scope: Scope): string {
  return `returning ${prefer.representation ? parseSelect(query.select, scope) : '1'}`;
}

function planWrite(
  request: RestRequest,
  scope: Scope,
  source: string,
  answer: { upserts?: boolean; status: (result: Result) => number; range: (result: Result) => string },
): Plan {
  const { representation, maxAffected, applied } = request.prefer;
  const body = representation ? (request.single ? AS_OBJECT : AS_ARRAY) : NO_BODY;
  const text = finish(`pgrst_source as (${source})`, { body, upserts: answer.upserts ?? false });
  return {
    statement: { text, values: scope.parameters.values },
    readOnly: false,
    check: request.single || maxAffected !== null ? (result) => checkRows(request, result) : undefined,
    reply: (result): Reply => ({
      status: answer.status(result),
      headers: {
        'Content-Range': answer.range(result),
        ...(applied ? { 'Preference-Applied': applied } : {}),
        ...(representation ? jsonHeaders(request.single) : {}),
      },
      body: representation ? result.body : null,
    }),
  };
}

function checkRows({ single, prefer }: RestRequest, { rows }: Result): void {
  if (single && rows !== 1) throw notSingle(rows);
  if (prefer.maxAffected !== null && rows > prefer.maxAffected) {
    throw new GatewayError(400, {
      code: 'PGRST124',
      message: 'Query result exceeds max-affected preference constraint',
      details: `The query affects ${rows} rows`,
    });
  }
}
