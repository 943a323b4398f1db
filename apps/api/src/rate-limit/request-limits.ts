import type { RateLimiter, RateLimitResult } from '@darkroom/core/queue/rate-limiter';
import type { Context } from 'hono';
import type { SessionUser } from '../auth/session-user.ts';
import type { ApiEnv } from '../http/env.ts';
import { ProblemError } from '../problem/problem.ts';
import type { ClientAddressOf } from './client-address.ts';

/** Counts requests, except OPTIONS. RateLimit headers describe the limit that was checked last. */
export interface RequestLimits {
  /**
   * Counts a request for its client address and, if its user is known already, for the user.
   * @throws ProblemError rate_limited
   */
  countByAddress(c: Context<ApiEnv>, user: SessionUser | null): Promise<void>;
  /** Counts a request for its user, over all processes and addresses. @throws ProblemError rate_limited */
  countByUser(c: Context<ApiEnv>, user: SessionUser): Promise<void>;
}

export function createRequestLimits(deps: {
  address: RateLimiter;
  user: RateLimiter;
  clientAddressOf: ClientAddressOf;
}): RequestLimits {
  const { address: byAddress, user: byUser, clientAddressOf } = deps;
  return {
    async countByAddress(c, user) {
      const address = isCounted(c) ? clientAddressOf(c) : null;
      if (address === null) {
        if (user !== null) await countByUser(c, user);
      } else if (user === null) {
        enforce(c, await byAddress.consume(address));
      } else {
        enforce(c, await byAddress.consumeWith(address, { limiter: byUser, key: user.id }));
      }
    },
    countByUser,
  };

  async function countByUser(c: Context<ApiEnv>, user: SessionUser): Promise<void> {
    if (isCounted(c)) enforce(c, await byUser.consume(user.id));
  }
}

function isCounted(c: Context): boolean {
  return c.req.method !== 'OPTIONS';
}

function enforce(c: Context<ApiEnv>, answer: RateLimitResult): void {
  const headers = rateLimitHeaders(answer);
  if (!answer.allowed) throw rateLimited(answer, headers);
  for (const [name, value] of Object.entries(headers)) c.header(name, value);
}

/** As defined by draft-ietf-httpapi-ratelimit-headers. */
function rateLimitHeaders({ policy, remaining, resetMs }: RateLimitResult): Record<string, string> {
  return {
    RateLimit: `"${policy.name}";r=${remaining};t=${toSeconds(resetMs)}`,
    'RateLimit-Policy': `"${policy.name}";q=${policy.limit};w=${policy.windowSeconds}`,
  };
}

function rateLimited({ resetMs }: RateLimitResult, headers: Record<string, string>): ProblemError {
  const seconds = Math.max(1, toSeconds(resetMs));
  const wait = seconds === 1 ? 'a second' : `${seconds} seconds`;
  return new ProblemError({
    code: 'rate_limited',
    detail: `Too many requests in one minute. Send the next one in ${wait}.`,
    headers: { ...headers, 'Retry-After': String(seconds) },
  });
}

function toSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
