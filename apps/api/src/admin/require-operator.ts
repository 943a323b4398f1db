import type { Context, MiddlewareHandler } from 'hono';
import { bearerToken } from '../auth/bearer.ts';
import type { DeletedUsers } from '../auth/deleted-users.ts';
import type { TokenReader } from '../auth/require-user.ts';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError } from '../problem/problem.ts';
import type { SenderOf } from '../rate-limit/sender.ts';
import { dropSessionCookie, readSessionCookie } from './cookie.ts';
import type { Failures } from './failures.ts';
import type { Operator, Operators } from './operators.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { Sessions } from './session.ts';

export interface OperatorDeps {
  operators: Operators;
  sessions: Sessions;
  tokens: Pick<TokenReader, 'read'>;
  deletedUsers: Pick<DeletedUsers, 'has'>;
  failures: Failures;
  senderOf: SenderOf;
}

/** Where people sign in. */
export const signInPath = '/admin/sign-in';

/**
 * Lets operators through and no one else, whatever is asked for: scripts by `Authorization: Bearer`, people by the
 * cookie of the sign-in page, to which a browser without one is sent.
 * @throws ProblemError unauthenticated, rate_limited, or forbidden for a user who is no operator and while there are none
 */
export function requireOperator(deps: OperatorDeps): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    refuseIfClosed(deps.operators);
    const authorization = c.req.header('Authorization');
    if (authorization !== undefined) {
      await operatorOfBearer(c, authorization.replace(/^Bearer +/i, '').trim(), deps);
    } else if ((await operatorOfCookie(c, deps)) === null) {
      if (isNavigation(c)) return c.redirect(signInAt(c), 303);
      throw unknown();
    } else if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      requireSameOrigin(c);
    }
    await next();
  };
}

/** @throws ProblemError forbidden */
export function refuseIfClosed({ any }: Operators): void {
  if (any) return;
  throw new ProblemError({ code: 'forbidden', detail: 'There are no operators: none is configured.' });
}

/** As {@link operatorOf}; wrong tokens are counted by their sender. @throws ProblemError */
async function operatorOfBearer(c: Context<ApiEnv>, token: string, deps: OperatorDeps): Promise<Operator> {
  const sender = deps.senderOf(c) ?? 'unknown';
  deps.failures.refuseGuesser(sender);
  try {
    return await operatorOf(c, token, deps);
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'unauthenticated') {
      await deps.failures.count(sender);
    }
    throw error;
  }
}

/** Who shows this token, which may be the operators' own or one of Clerk's. @throws ProblemError */
export async function operatorOf(c: Context<ApiEnv>, token: string, deps: OperatorDeps): Promise<Operator> {
  if (deps.operators.isToken(token)) return { by: 'token' };
  const jwt = bearerToken(`Bearer ${token}`);
  const user = jwt === null ? null : await deps.tokens.read(c, jwt);
  if (user === null || (await deps.deletedUsers.has(user.id))) throw unknown();
  const operator = deps.operators.among(user);
  if (operator === null) throw new ProblemError({ code: 'forbidden', detail: 'This is for operators.' });
  return operator;
}

/** Who the cookie was given to, if what made them an operator still holds. A cookie that is none is dropped. */
export async function operatorOfCookie(c: Context<ApiEnv>, deps: OperatorDeps): Promise<Operator | null> {
  const cookie = readSessionCookie(c);
  if (cookie === undefined) return null;
  const operator = deps.sessions.read(cookie);
  if (operator !== null && deps.operators.stillIs(operator) && !(await isDeleted(operator, deps))) {
    return operator;
  }
  dropSessionCookie(c);
  return null;
}

async function isDeleted(operator: Operator, { deletedUsers }: OperatorDeps): Promise<boolean> {
  return operator.by !== 'token' && (await deletedUsers.has(operator.id));
}

function unknown(): ProblemError {
  return new ProblemError({
    code: 'unauthenticated',
    detail: 'Send the operators’ token, or the session token of an operator: Authorization: Bearer <token>.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}

function isNavigation(c: Context): boolean {
  if (c.req.method !== 'GET') return false;
  const mode = c.req.header('Sec-Fetch-Mode');
  if (mode !== undefined) return mode === 'navigate';
  return c.req.header('Accept')?.includes('text/html') ?? false;
}

function signInAt(c: Context): string {
  const { pathname, search } = new URL(c.req.url);
  return `${signInPath}?next=${encodeURIComponent(pathname + search)}`;
}
