import type { Context, MiddlewareHandler } from 'hono';
import type { DeletedUsers } from '../../accounts/deleted-users.ts';
import { bearerToken } from '../../auth/bearer.ts';
import type { TokenVerifier } from '../../auth/token-verifier.ts';
import type { ApiEnv } from '../../http/env.ts';
import { ProblemError } from '../../problem/problem.ts';
import type { ClientAddressOf } from '../../rate-limit/client-address.ts';
import { dropSessionCookie, readSessionCookie } from './cookie.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import type { Operator, Operators } from './operators.ts';
import { requireSameOrigin } from './same-origin.ts';
import type { Sessions } from './session.ts';

export interface OperatorDeps {
  operators: Operators;
  sessions: Sessions;
  tokens: Pick<TokenVerifier, 'verify'>;
  deletedUsers: Pick<DeletedUsers, 'has'>;
  failedAttempts: FailedAttempts;
  clientAddressOf: ClientAddressOf;
}

export const signInPath = '/admin/sign-in';

/**
 * Requires an operator: by `Authorization: Bearer` for scripts, by the session cookie for browsers. A browser without a
 * session is redirected to the sign-in page.
 * @throws ProblemError unauthenticated, rate_limited, or forbidden for a user who is no operator and if none is configured
 */
export function requireOperator(deps: OperatorDeps): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    rejectWithoutOperators(deps.operators);
    const authorization = c.req.header('Authorization');
    if (authorization !== undefined) {
      await operatorOfBearer(c, authorization.replace(/^Bearer +/i, '').trim(), deps);
    } else if ((await operatorOfCookie(c, deps)) === null) {
      if (isNavigation(c)) return c.redirect(signInUrl(c), 303);
      throw unauthenticated();
    } else if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      requireSameOrigin(c);
    }
    await next();
  };
}

/** @throws ProblemError forbidden */
export function rejectWithoutOperators({ isConfigured }: Operators): void {
  if (isConfigured) return;
  throw new ProblemError({
    code: 'forbidden',
    detail: 'No operators are configured. Set OPERATOR_TOKEN, OPERATOR_USER_IDS or OPERATOR_ORGANIZATION.',
  });
}

/** {@link operatorOf} that counts wrong tokens by client address. @throws ProblemError */
async function operatorOfBearer(c: Context<ApiEnv>, token: string, deps: OperatorDeps): Promise<Operator> {
  const address = deps.clientAddressOf(c) ?? 'unknown';
  deps.failedAttempts.rejectIfBlocked(address);
  try {
    return await operatorOf(c, token, deps);
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'unauthenticated') {
      await deps.failedAttempts.count(address);
    }
    throw error;
  }
}

/** The operator of this token, which is the operators' own token or a Clerk session token. @throws ProblemError */
export async function operatorOf(c: Context<ApiEnv>, token: string, deps: OperatorDeps): Promise<Operator> {
  if (deps.operators.isToken(token)) return { by: 'token' };
  const jwt = bearerToken(`Bearer ${token}`);
  const user = jwt === null ? null : await deps.tokens.verify(jwt, c.req.url);
  if (user === null || (await deps.deletedUsers.has(user.id))) throw unauthenticated();
  const operator = deps.operators.find(user);
  if (operator === null) throw new ProblemError({ code: 'forbidden', detail: 'This is for operators only.' });
  return operator;
}

/** The operator of the session cookie, if still an operator; else null. An invalid cookie is deleted. */
export async function operatorOfCookie(c: Context<ApiEnv>, deps: OperatorDeps): Promise<Operator | null> {
  const cookie = readSessionCookie(c);
  if (cookie === undefined) return null;
  const operator = deps.sessions.read(cookie);
  if (operator !== null && deps.operators.isCurrent(operator) && !(await isDeleted(operator, deps))) {
    return operator;
  }
  dropSessionCookie(c);
  return null;
}

async function isDeleted(operator: Operator, { deletedUsers }: OperatorDeps): Promise<boolean> {
  return operator.by !== 'token' && (await deletedUsers.has(operator.id));
}

function unauthenticated(): ProblemError {
  return new ProblemError({
    code: 'unauthenticated',
    detail: 'Send OPERATOR_TOKEN or the session token of an operator: Authorization: Bearer <token>.',
    headers: { 'WWW-Authenticate': 'Bearer' },
  });
}

function isNavigation(c: Context): boolean {
  if (c.req.method !== 'GET') return false;
  const mode = c.req.header('Sec-Fetch-Mode');
  if (mode !== undefined) return mode === 'navigate';
  return c.req.header('Accept')?.includes('text/html') ?? false;
}

function signInUrl(c: Context): string {
  const { pathname, search } = new URL(c.req.url);
  return `${signInPath}?next=${encodeURIComponent(pathname + search)}`;
}
