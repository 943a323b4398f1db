import type { RateLimiter } from '@darkroom/core/queue/rate-limiter';
import type { OperatorConfig } from '@darkroom/core/runtime/config/config';
import { Hono, type MiddlewareHandler } from 'hono';
import type { DeletedUsers } from '../../accounts/deleted-users.ts';
import type { TokenVerifier } from '../../auth/token-verifier.ts';
import { limitSmallBody } from '../../http/body-limit.ts';
import type { ApiEnv } from '../../http/env.ts';
import { ProblemError } from '../../problem/problem.ts';
import type { ClientAddressOf } from '../../rate-limit/client-address.ts';
import { type Board, boardPath } from './board.ts';
import { createFailedAttempts } from './failed-attempts.ts';
import { createOperators } from './operators.ts';
import { requireOperator } from './require-operator.ts';
import type { Sessions } from './session.ts';
import { showSignIn, signIn, signOut } from './sign-in.ts';

export interface AdminDeps {
  operators: OperatorConfig;
  board: Board;
  sessions: Sessions;
  /** Counts attempts to sign in, by client address. */
  signInLimiter: RateLimiter;
  tokens: Pick<TokenVerifier, 'verify'>;
  deletedUsers: Pick<DeletedUsers, 'has'>;
  clientAddressOf: ClientAddressOf;
  /** Monotonic milliseconds. */
  now: () => number;
}

/** Everything below /admin. All of it except the sign-in page requires an operator, static files included. */
export function adminRoutes(deps: AdminDeps): Hono<ApiEnv> {
  const { board, signInLimiter, now } = deps;
  const operators = createOperators(deps.operators);
  const failedAttempts = createFailedAttempts({ limiter: signInLimiter, now });
  const own = { ...deps, operators, failedAttempts };
  return new Hono<ApiEnv>()
    .use('/admin/*', limitSmallBody)
    .get('/admin/sign-in', showSignIn(own))
    .post('/admin/sign-in', signIn(own))
    .use('/admin/*', requireOperator(own))
    .post('/admin/sign-out', signOut())
    .get('/admin', (c) => c.redirect(boardPath))
    .get('/admin/', (c) => c.redirect(boardPath))
    .get(`${boardPath}/`, (c) => c.redirect(boardPath))
    .use(`${boardPath}/*`, deps.operators.actions ? allowAll : allowReads)
    .on(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], [boardPath, `${boardPath}/*`], board.handle);
}

const allowAll: MiddlewareHandler<ApiEnv> = (_, next) => next();

const allowReads: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
    throw new ProblemError({
      code: 'forbidden',
      detail: 'The queues are read-only here. Set OPERATOR_ACTIONS to allow actions.',
    });
  }
  await next();
};

/** Allows the pages to load their own files. Must run around the middleware that sets the policy of all responses. */
export const adminPolicy: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  c.res.headers.set('Cache-Control', 'no-store');
  if (!c.res.headers.get('Content-Type')?.startsWith('text/html')) return;
  c.res.headers.set(
    'Content-Security-Policy',
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
      "font-src 'self'; connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
  );
};
