import { isIP, type LookupFunction } from 'node:net';
import { hostOf, isAllowedAddress, refuseWebhookUrl, type WebhookReach } from '@darkroom/core/webhook/guard';
import type { WebhookAnswer } from '@darkroom/core/webhook/verdict';
import { Agent, request } from 'undici';
import type { WebhookMessage } from './message.ts';
import type { Resolve } from './resolve.ts';

/** Sends a message once. Never throws; `signal` ends it early. */
export type Send = (url: string, message: WebhookMessage, signal: AbortSignal) => Promise<WebhookAnswer>;

export interface SendDeps {
  resolve: Resolve;
  reach: WebhookReach;
  /** For everything up to the answer's headers: name, connection, TLS, request. */
  timeoutMs?: number;
}

/**
 * Sends to where a user says, and nowhere that is ours: a name is resolved once, each of its addresses is checked, and
 * the connection goes to those addresses and not through another look at the name. Redirects are not followed. Of the
 * answer only status and headers are read, 16 kB at most.
 */
export function createSend({ resolve, reach, timeoutMs = 10_000 }: SendDeps): Send {
  return async (url, { headers, body }, signal) => {
    const refusal = refuseWebhookUrl(url, reach);
    if (refusal !== null) return { kind: 'refused', reason: notReachable };
    const limit = AbortSignal.timeout(timeoutMs);
    const ended = AbortSignal.any([signal, limit]);
    let agent: Agent | undefined;
    try {
      const addresses = await orAbort(ended, addressesOf(hostOf(new URL(url))));
      if (!addresses.every((address) => isAllowedAddress(address, reach))) {
        return { kind: 'refused', reason: notReachable };
      }
      agent = new Agent({
        allowH2: false,
        connect: { lookup: pinnedTo(addresses), timeout: timeoutMs },
        headersTimeout: timeoutMs,
      });
      const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent, signal: ended });
      // Cut off below, unread: what it holds is nothing to us, however long it is.
      answer.body.on('error', () => {});
      const retryAfterMs = readRetryAfter(answer.headers['retry-after']);
      return { kind: 'answered', status: answer.statusCode, retryAfterMs };
    } catch (error) {
      if (limit.aborted) return { kind: 'unanswered', reason: `no answer within ${timeoutMs / 1_000} s` };
      return { kind: 'unanswered', reason: reasonOf(error) };
    } finally {
      await agent?.destroy();
    }
  };

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

async function orAbort<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
    work.catch(() => {});
  }
}

/** Seconds or a date. */
function readRetryAfter(header: string | string[] | undefined): number | null {
  if (typeof header !== 'string') return null;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** Names what went wrong by its code: messages hold addresses. */
function reasonOf(error: unknown): string {
  const { code } = error as { code?: unknown };
  if (typeof code !== 'string') return 'no answer';
  if (/^(ENOTFOUND|ENODATA|ESERVFAIL|ETIMEOUT|EAI_AGAIN)$/.test(code)) return 'the name does not resolve';
  return `no answer: ${code}`;
}
