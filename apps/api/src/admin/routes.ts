import type { Hono, MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { limitBodyTo } from '../http/json-body.ts';
import { ProblemError } from '../problem/problem.ts';
import { type Board, boardPath } from './board.ts';
import { requireOperator } from './require-operator.ts';
import { type SignInDeps, showSignIn, signIn, signOut } from './sign-in.ts';

export interface AdminDeps extends SignInDeps {
  board: Board;
  /** Whether operators may do something there, not only look. */
  actions: boolean;
}

/** Everything below /admin. All but the page to sign in is behind {@link requireOperator}, static files included. */
export function addAdmin(app: Hono<ApiEnv>, deps: AdminDeps): void {
  const { board, actions } = deps;
  app.use('/admin/*', limitBodyTo(maxBytes));
  app.get('/admin/sign-in', showSignIn(deps));
  app.post('/admin/sign-in', signIn(deps));
  app.use('/admin/*', requireOperator(deps));
  app.post('/admin/sign-out', signOut());
  app.get('/admin', (c) => c.redirect(boardPath));
  app.get('/admin/', (c) => c.redirect(boardPath));
  app.get(`${boardPath}/`, (c) => c.redirect(boardPath));
  app.use(`${boardPath}/*`, actions ? pass : lookOnly);
  app.on(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], [boardPath, `${boardPath}/*`], board.handle);
}

/** A job of the queue holds an id and a number. */
const maxBytes = 100_000;

const pass: MiddlewareHandler<ApiEnv> = (_, next) => next();

const lookOnly: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
    throw new ProblemError({
      code: 'forbidden',
      detail: 'The queues can be looked at here, and no more: OPERATOR_ACTIONS is not set.',
    });
  }
  await next();
};

/** Lets the pages have what is theirs, and nothing of anybody else. To be put around what sets the policy of all answers. */
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
