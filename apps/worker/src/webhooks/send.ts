import { isIP, type LookupFunction } from 'node:net';
import { TimeoutError, withTimeout } from '@darkroom/core/runtime/time/with-timeout';
import type { WebhookResponse } from '@darkroom/core/webhook/delivery-result';
import { hostOf, isAllowedAddress, refuseWebhookUrl, type WebhookReach } from '@darkroom/core/webhook/guard';
import { Agent, request } from 'undici';
import type { Resolve } from './resolve.ts';
import type { WebhookMessage } from './sign.ts';

/** Sends a message once. Never throws; `signal` aborts it. */
export type Send = (url: string, message: WebhookMessage, signal: AbortSignal) => Promise<WebhookResponse>;

export interface SendDeps {
  resolve: Resolve;
  reach: WebhookReach;
  /** For name resolution, connection, TLS and request, up to the response headers. Default 10,000. */
  timeoutMs?: number;
}

/**
 * Sends to a URL chosen by a user without reaching internal addresses (SSRF): the name is resolved once, every address is
 * checked, and the connection uses those addresses without resolving again. Redirects are not followed. Only status and
 * headers of the response are read, at most 16 kB.
 */
export function createSend({ resolve, reach, timeoutMs = 10_000 }: SendDeps): Send {
  return async (url, { headers, body }, signal) => {
    const refusal = refuseWebhookUrl(url, reach);
    if (refusal !== null) return { kind: 'refused', reason: notReachable };
    try {
      const post = (ended: AbortSignal) => postTo(url, { headers, body }, ended);
      return await withTimeout(timeoutMs, post, signal);
    } catch (error) {
      if (error instanceof TimeoutError) {
        return { kind: 'unanswered', reason: `no answer within ${timeoutMs / 1_000} s` };
      }
      return { kind: 'unanswered', reason: reasonOf(error) };
    }
  };

  async function postTo(
    url: string,
    { headers, body }: WebhookMessage,
    signal: AbortSignal,
  ): Promise<WebhookResponse> {
    const addresses = await addressesOf(hostOf(new URL(url)));
    signal.throwIfAborted();
    if (!addresses.every((address) => isAllowedAddress(address, reach))) {
      return { kind: 'refused', reason: notReachable };
    }
    const agent = new Agent({
      allowH2: false,
      connect: { lookup: pinnedTo(addresses), timeout: timeoutMs },
      headersTimeout: timeoutMs,
    });
    try {
      const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent, signal });
      // The body is never read: `destroy` below closes the connection.
      answer.body.on('error', () => {});
      const retryAfterMs = readRetryAfter(answer.headers['retry-after']);
      return { kind: 'answered', status: answer.statusCode, retryAfterMs };
    } finally {
      await agent.destroy();
    }
  }

  async function addressesOf(host: string): Promise<string[]> {
    return isIP(host) === 0 ? resolve(host) : [host];
  }
}

const notReachable = 'the address is not on the public internet';

function pinnedTo(addresses: readonly string[]): LookupFunction {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, answer) => {
    const [first] = known;
    if (options.all) answer(null, known);
    else answer(null, first?.address ?? '', first?.family);
  };
}

/** In milliseconds; the header holds seconds or a date. */
function readRetryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** Uses the error code, because error messages contain addresses. */
function reasonOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return 'no answer';
  if (/^(ENOTFOUND|ENODATA|ESERVFAIL|ETIMEOUT|EAI_AGAIN)$/.test(code)) return 'the name does not resolve';
  return `no answer: ${code}`;
}
