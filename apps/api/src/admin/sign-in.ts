import type { Limiter } from '@darkroom/core/queue/rate-limiter';
import type { Context, Handler } from 'hono';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError, problems } from '../problem/problem.ts';
import { dropSessionCookie, setSessionCookie } from './cookie.ts';
import { tooManyAttempts } from './failures.ts';
import { signInPage } from './page.ts';
import {
  type OperatorDeps,
  operatorOf,
  operatorOfCookie,
  refuseIfClosed,
  signInPath,
} from './require-operator.ts';
import { requireSameOrigin } from './same-origin.ts';

export interface SignInDeps extends OperatorDeps {
  /** Attempts by address. */
  attempts: Limiter;
}

const home = '/admin/queues';

/** `GET /admin/sign-in`: the form; for who has signed in, the way out. */
export function showSignIn(deps: SignInDeps): Handler<ApiEnv> {
  return async (c) => {
    refuseIfClosed(deps.operators);
    const signedIn = (await operatorOfCookie(c, deps)) !== null;
    return c.html(signInPage({ signedIn, next: nextOf(c.req.query('next')) }));
  };
}

/** `POST /admin/sign-in`: a token for a cookie. Ten attempts a minute and address. */
export function signIn(deps: SignInDeps): Handler<ApiEnv> {
  return async (c) => {
    refuseIfClosed(deps.operators);
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
        complaint: complaints[code] ?? problems[code].title,
      });
      return c.html(page, problems[code].status, { ...headers });
    }
  };
}

/** `POST /admin/sign-out`: forgets the cookie. */
export function signOut(): Handler<ApiEnv> {
  return (c) => {
    requireSameOrigin(c);
    dropSessionCookie(c);
    return c.redirect(signInPath, 303);
  };
}

const complaints: Partial<Record<keyof typeof problems, string>> = {
  unauthenticated: 'This token is not valid, or no longer.',
  forbidden: 'You are no operator here.',
  rate_limited: 'That was too often. Please wait a minute.',
};

async function limitAttempts(c: Context, { attempts, senderOf }: SignInDeps): Promise<void> {
  const { allowed, resetMs } = await attempts.take(senderOf(c) ?? 'unknown');
  if (!allowed) throw tooManyAttempts(resetMs);
}

/** Nowhere but below /admin: a link must not lead an operator elsewhere. */
function nextOf(next: unknown): string {
  if (typeof next !== 'string' || !/^\/admin\/[\w./?=&%-]*$/.test(next)) return home;
  return next.startsWith(signInPath) || next.includes('//') ? home : next;
}
