import type { LimitAnswer, Limiter } from '@darkroom/core/queue/rate-limiter';
import type { Context } from 'hono';
import type { SignedIn } from '../auth/signed-in.ts';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError } from '../problem/problem.ts';
import type { SenderOf } from './sender.ts';

/** How many requests are let through; each answer tells of the innermost limit that was asked. */
export interface RequestLimits {
  /**
   * Counts a request by the address it comes from and, where it is known already whose it is, by its user.
   * @throws ProblemError rate_limited
   */
  takeSender(c: Context<ApiEnv>, user: SignedIn | null): Promise<void>;
  /** Counts a request by its user, by whatever process and address. @throws ProblemError rate_limited */
  takeUser(c: Context<ApiEnv>, user: SignedIn): Promise<void>;
}

export function createRequestLimits(deps: {
  address: Limiter;
  user: Limiter;
  senderOf: SenderOf;
}): RequestLimits {
  const { address, user: byUser, senderOf } = deps;
  return {
    async takeSender(c, user) {
      const sender = isCounted(c) ? senderOf(c) : null;
      if (sender === null) {
        if (user !== null) await takeUser(c, user);
      } else if (user === null) {
        tell(c, await address.take(sender));
      } else {
        tell(c, await address.takeWith(sender, { limiter: byUser, key: user.id }));
      }
    },
    takeUser,
  };

  async function takeUser(c: Context<ApiEnv>, user: SignedIn): Promise<void> {
    if (isCounted(c)) tell(c, await byUser.take(user.id));
  }
}

function isCounted(c: Context): boolean {
  return c.req.method !== 'OPTIONS';
}

function tell(c: Context<ApiEnv>, answer: LimitAnswer): void {
  const headers = headersOf(answer);
  if (!answer.allowed) throw tooMany(answer, headers);
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
}

/** As draft-ietf-httpapi-ratelimit-headers writes them. */
function headersOf({ policy, remaining, resetMs }: LimitAnswer): Record<string, string> {
  return {
    RateLimit: `"${policy.name}";r=${remaining};t=${secondsOf(resetMs)}`,
    'RateLimit-Policy': `"${policy.name}";q=${policy.most};w=${policy.seconds}`,
  };
}

function tooMany({ resetMs }: LimitAnswer, headers: Record<string, string>): ProblemError {
  const seconds = Math.max(1, secondsOf(resetMs));
  const inSeconds = seconds === 1 ? 'in a second' : `in ${seconds} seconds`;
  return new ProblemError({
    code: 'rate_limited',
    detail: `That was too many requests in a minute. Send the next one ${inSeconds}.`,
    headers: { ...headers, 'Retry-After': String(seconds) },
  });
}

function secondsOf(ms: number): number {
  return Math.ceil(ms / 1_000);
}
