import type { RateLimiter } from '@darkroom/core/queue/rate-limiter';
import type { Context, Handler } from 'hono';
import type { ApiEnv } from '../../http/env.ts';
import { ProblemError, problems } from '../../problem/problem.ts';
import { dropSessionCookie, setSessionCookie } from './cookie.ts';
import { tooManyAttempts } from './failed-attempts.ts';
import {
  type OperatorDeps,
  operatorOf,
  operatorOfCookie,
  rejectWithoutOperators,
  signInPath,
} from './require-operator.ts';
import { requireSameOrigin } from './same-origin.ts';
import { signInPage } from './sign-in-page.ts';

export interface SignInDeps extends OperatorDeps {
  /** Counts attempts by client address. */
  signInLimiter: RateLimiter;
}

const defaultNext = '/admin/queues';

/** `GET /admin/sign-in`: the form, or the sign-out button for a signed-in operator. */
export function showSignIn(deps: SignInDeps): Handler<ApiEnv> {
  return async (c) => {
    rejectWithoutOperators(deps.operators);
    const signedIn = (await operatorOfCookie(c, deps)) !== null;
    return c.html(signInPage({ signedIn, next: nextOf(c.req.query('next')) }));
  };
}

/** `POST /admin/sign-in`: exchanges a token for a session cookie. Attempts are limited per client address. */
export function signIn(deps: SignInDeps): Handler<ApiEnv> {
  return async (c) => {
    rejectWithoutOperators(deps.operators);
    requireSameOrigin(c);
    const { token, next } = await c.req.parseBody();
    try {
      await limitAttempts(c, deps);
      const operator = await operatorOf(c, typeof token === 'string' ? token.trim() : '', deps);
      setSessionCookie(c, deps.sessions.issue(operator));
      return c.redirect(nextOf(next), 303);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { code, headers } = error.problem;
      const page = signInPage({
        signedIn: false,
        next: nextOf(next),
        error: messages[code] ?? problems[code].title,
      });
      return c.html(page, problems[code].status, { ...headers });
    }
  };
}

/** `POST /admin/sign-out`: deletes the cookie. */
export function signOut(): Handler<ApiEnv> {
  return (c) => {
    requireSameOrigin(c);
    dropSessionCookie(c);
    return c.redirect(signInPath, 303);
  };
}

const messages: Partial<Record<keyof typeof problems, string>> = {
  unauthenticated: 'This token is invalid or has expired.',
  forbidden: 'You are not an operator of this deployment.',
  rate_limited: 'Too many attempts. Wait a minute and try again.',
};

async function limitAttempts(c: Context, { signInLimiter, clientAddressOf }: SignInDeps): Promise<void> {
  const { allowed, resetMs } = await signInLimiter.consume(clientAddressOf(c) ?? 'unknown');
  if (!allowed) throw tooManyAttempts(resetMs);
}

/** Only paths below /admin: prevents open redirects. */
function nextOf(next: unknown): string {
  if (typeof next !== 'string' || !/^\/admin\/[\w./?=&%-]*$/.test(next)) return defaultNext;
  return next.startsWith(signInPath) || next.includes('//') ? defaultNext : next;
}
