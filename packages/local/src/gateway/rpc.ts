import type { Argument, Catalog, Routine } from './catalog.ts';
import { badBody, badQuery, GatewayError } from './errors.ts';
import { looksLikeFilter } from './parse-filter.ts';
import { AS_ARRAY, AS_OBJECT, finish, NO_BODY, type Plan, type Reply } from './plan.ts';
import { parseRange, type Range } from './range.ts';
import { COUNTED, checkSingle, replyWithRows, selectRows } from './read.ts';
import { parseBody, type RestRequest } from './request.ts';
import { createParameters, type Parameters, quoteIdentifier } from './sql.ts';
import type { Result } from './transaction.ts';

const AS_SCALAR = `coalesce(json_agg(_postgrest_t.pgrst_scalar)->0, 'null')`;
const AS_SCALARS = `coalesce(json_agg(_postgrest_t.pgrst_scalar), '[]')`;

/** A function call: POST with arguments in the body, or GET and HEAD with arguments in the query string. */
export async function planCall(
  request: RestRequest,
  body: string,
  name: string,
  catalog: Catalog,
): Promise<Plan> {
  const { given, json, rest } = request.method === 'POST' ? fromBody(request, body) : fromQuery(request);
  const routine = await choose(name, given, catalog);
  const parameters = createParameters();
  const call = callOf(routine, given, json, parameters);
  const range = parseRange(rest.query, request.method === 'POST' ? undefined : request.headers.range);
  const shaped = routine.returns === 'row' ? callRows(rest, call, range, parameters) : callValue(rest, call);
  const headersOnly = request.method === 'HEAD' || routine.returns === 'void';
  return {
    statement: {
      text: finish(shaped.ctes, {
        body: headersOnly ? NO_BODY : bodyOf(routine, request.single),
        ...(shaped.counted ? { total: COUNTED } : {}),
      }),
      values: parameters.values,
    },
    readOnly: request.method !== 'POST' || routine.volatility !== 'volatile',
    statementTimeout: routine.statementTimeout ?? undefined,
    check: request.single && returnsRows(routine) ? checkSingle : undefined,
    reply: (result) => replyOf(request, routine, range, result),
  };
}

interface Arguments {
  given: string[];
  /** The arguments as one JSON object. */
  json: string;
  /** The request without the arguments: what applies to the returned rows. */
  rest: RestRequest;
}

function fromBody(request: RestRequest, body: string): Arguments {
  const json = body.trim() === '' ? '{}' : body;
  const parsed = parseBody(json);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw badBody('The body of a call must be a JSON object of named arguments');
  }
  return { given: Object.keys(parsed), json, rest: request };
}

function fromQuery(request: RestRequest): Arguments {
  const { filters } = request.query;
  const args = filters.filter(([, value]) => !looksLikeFilter(value));
  return {
    given: [...new Set(args.map(([key]) => key))],
    json: JSON.stringify(Object.fromEntries(args)),
    rest: {
      ...request,
      query: { ...request.query, filters: filters.filter(([, value]) => looksLikeFilter(value)) },
    },
  };
}

async function choose(name: string, given: string[], catalog: Catalog): Promise<Routine> {
  const fitting = await catalog.routines(name, (routine) => fits(routine, given));
  if (fitting.length > 1) throw ambiguous(fitting);
  if (!fitting[0]) throw unknownFunction(name, given);
  return fitting[0];
}

function fits({ arguments: known }: Routine, given: string[]): boolean {
  const names = new Set(known.map((argument) => argument.name));
  return (
    given.every((name) => name !== '' && names.has(name)) &&
    known.every((argument) => !argument.required || argument.variadic || given.includes(argument.name))
  );
}

function ambiguous(routines: Routine[]): GatewayError {
  const signatures = routines.map((routine) => {
    const list = routine.arguments.map((argument) => `${argument.name} => ${argument.type}`);
    return `public.${routine.name}(${list.join(', ')})`;
  });
  return new GatewayError(300, {
    code: 'PGRST203',
    message: `Could not choose the best candidate function between: ${signatures.join(', ')}`,
    hint: 'Try renaming the parameters or the function itself in the database so function overloading can be resolved',
  });
}

function unknownFunction(name: string, given: string[]): GatewayError {
  const list = given.join(', ');
  const called = given.length > 0 ? `(${list})` : ' without parameters';
  const searched =
    given.length > 0 ? ` with parameter${given.length > 1 ? 's' : ''} ${list}` : ' without parameters';
  return new GatewayError(404, {
    code: 'PGRST202',
    message: `Could not find the function public.${name}${called} in the schema cache`,
    details: `Searched for the function public.${name}${searched}, but no matches were found in the schema cache.`,
  });
}

interface Call {
  /** The CTE that reads the arguments, with a comma at its end; empty without arguments. */
  from: string;
  invocation: string;
}

function callOf(routine: Routine, given: string[], json: string, parameters: Parameters): Call {
  const passed = routine.arguments.filter((argument) => given.includes(argument.name));
  const invocation = `"public".${quoteIdentifier(routine.name)}(${passed.map(passedBy).join(', ')})`;
  if (passed.length === 0) return { from: '', invocation };
  const typed = passed.map(({ name, type }) => `${quoteIdentifier(name)} ${type}`);
  const from = `json_to_record(${parameters.add(json)}::json) as pgrst_args(${typed.join(', ')}), `;
  return { from, invocation };
}

function passedBy({ name, variadic }: Argument): string {
  const quoted = quoteIdentifier(name);
  return `${variadic ? 'variadic ' : ''}${quoted} => pgrst_args.${quoted}`;
}

interface Shaped {
  ctes: string;
  counted: boolean;
}

function callRows(request: RestRequest, call: Call, range: Range, parameters: Parameters): Shaped {
  const scope = { qualifier: 'pgrst_call', columns: new Map(), parameters };
  const { source, count } = selectRows(request, 'pgrst_call', scope, range);
  const called = `select pgrst_call.* from ${call.from}lateral ${call.invocation} pgrst_call`;
  return { ctes: `pgrst_call as (${called}), pgrst_source as (${source})${count}`, counted: count !== '' };
}

function callValue({ query }: RestRequest, call: Call): Shaped {
  const { select, order, limit, offset, filters, logic } = query;
  if ((select && select !== '*') || order || limit || offset || filters.length + logic.length > 0) {
    throw badQuery(
      'select, filters, order and limit are only supported on functions that return rows with columns.',
    );
  }
  const called = `select ${call.invocation} as pgrst_scalar${call.from ? ` from ${call.from.slice(0, -2)}` : ''}`;
  return { ctes: `pgrst_source as (${called})`, counted: false };
}

function returnsRows({ returns, returnsSet }: Routine): boolean {
  return returns === 'row' || (returns === 'scalar' && returnsSet);
}

function bodyOf({ returns, returnsSet }: Routine, single: boolean): string {
  if (returns === 'row') return returnsSet && !single ? AS_ARRAY : AS_OBJECT;
  return returnsSet && !single ? AS_SCALARS : AS_SCALAR;
}

function replyOf(request: RestRequest, routine: Routine, range: Range, result: Result): Reply {
  if (routine.returns === 'void') return { status: 204, headers: { 'Content-Range': '0-0/*' }, body: null };
  return replyWithRows(request, range, result);
}
