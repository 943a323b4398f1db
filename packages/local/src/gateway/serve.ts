import type { IncomingMessage, ServerResponse } from 'node:http';
import { DatabaseError } from 'pg';
import type { Authenticate, Identity } from './authenticate.ts';
import type { Catalog } from './catalog.ts';
import { GatewayError } from './errors.ts';
import { override, type Plan, type Reply } from './plan.ts';
import { planRead } from './read.ts';
import { type RestRequest, readBody, readRequest } from './request.ts';
import { sendError, sendPreflight, sendReply } from './respond.ts';
import { planCall } from './rpc.ts';
import { settingsOf } from './settings.ts';
import { fromDatabase } from './sqlstate.ts';
import type { RunTransaction } from './transaction.ts';
import { planDelete, planInsert, planUpdate } from './write.ts';

export interface ServeOptions {
  authenticate: Authenticate;
  catalog: Catalog;
  run: RunTransaction;
}

/** SQLSTATEs that can result from an outdated catalog. */
const OUTDATED = new Set(['42883', '42P01', '42703', '42704', '42804', '42809', '0A000']);

/** Answers one request. Every failure, also one of the gateway, becomes a JSON answer. */
export function createServe(options: ServeOptions) {
  return async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (incoming.method === 'OPTIONS') return sendPreflight(response);
    try {
      sendReply(response, await answer(incoming, options));
    } catch (error) {
      // Drain the rest of the body, so that the connection can be reused.
      incoming.resume();
      sendError(incoming, response, error instanceof GatewayError ? error : internal(error));
    }
  };
}

async function answer(incoming: IncomingMessage, options: ServeOptions): Promise<Reply> {
  const identity = await options.authenticate({
    apiKey: header(incoming, 'apikey') ?? apiKeyOfQuery(incoming.url),
    authorization: header(incoming, 'authorization'),
    userAgent: header(incoming, 'user-agent'),
  });
  const request = readRequest(incoming);
  const plan = await planOf(request, incoming, options.catalog);
  return await execute(plan, request, identity, options);
}

async function planOf(request: RestRequest, incoming: IncomingMessage, catalog: Catalog): Promise<Plan> {
  const [kind, name] = route(request.path);
  const { method } = request;
  if (kind === 'function') {
    if (method === 'POST') return await planCall(request, await readBody(incoming), name, catalog);
    if (method === 'GET' || method === 'HEAD') return await planCall(request, '', name, catalog);
    throw new GatewayError(405, { code: 'PGRST101', message: `Cannot use the ${method} method on RPC` });
  }
  switch (method) {
    case 'GET':
    case 'HEAD':
      return await planRead(request, name, catalog);
    case 'POST':
      return await planInsert(request, await readBody(incoming), name, catalog);
    case 'PATCH':
      return await planUpdate(request, await readBody(incoming), name, catalog);
    case 'DELETE':
      return await planDelete(request, name, catalog);
    default:
      throw new GatewayError(405, { code: 'PGRST117', message: `Unsupported HTTP method: ${method}` });
  }
}

function route(path: string): ['table' | 'function', string] {
  const found = /^\/(rpc\/)?([^/]+)\/?$/.exec(path);
  if (!found) throw badPath();
  try {
    return [found[1] ? 'function' : 'table', decodeURIComponent(found[2]!)];
  } catch {
    throw badPath();
  }
}

function badPath(): GatewayError {
  return new GatewayError(404, { code: 'PGRST125', message: 'Invalid path specified in request URL' });
}

async function execute(
  plan: Plan,
  request: RestRequest,
  identity: Identity,
  { catalog, run }: ServeOptions,
): Promise<Reply> {
  const roleSettings = await catalog.roleSettings(identity.role);
  try {
    const result = await run({
      settings: settingsOf(identity, request, roleSettings, plan.statementTimeout),
      readOnly: plan.readOnly,
      statement: plan.statement,
      // A read does not need the check before its commit.
      check: plan.readOnly ? undefined : plan.check,
    });
    if (plan.readOnly) plan.check?.(result);
    return override(plan.reply(result), result);
  } catch (error) {
    if (error instanceof DatabaseError && OUTDATED.has(error.code ?? '')) catalog.forget();
    throw fromDatabase(error, identity.role);
  }
}

function header(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function apiKeyOfQuery(url: string | undefined): string | undefined {
  return new URLSearchParams(url?.split('?', 2)[1]).get('apikey') ?? undefined;
}

function internal(error: unknown): GatewayError {
  return new GatewayError(500, {
    code: 'PGRSTX00',
    message: 'The local gateway failed at this request.',
    details: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
}
