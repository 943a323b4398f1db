import type { Log } from '@darkroom/core/runtime/log/log';
import {
  clientAddress,
  parseTrustedProxies,
  senderOf,
  type TrustedProxies,
} from '@darkroom/core/runtime/network/client-address';
import type { Context } from 'hono';

/** Whose request this is, as far as its connection tells; null where there is none, in tests. */
export type SenderOf = (c: Context) => string | null;

/**
 * Creates a {@link SenderOf}. Tells the log once if a proxy that nobody named seems to stand before the API: all who
 * come through it are one sender, and share one sender's limits.
 */
export function createSenderOf({ isTrusted, log }: { isTrusted: TrustedProxies; log: Log }): SenderOf {
  let told = false;
  return (c) => {
    const peer = peerOf(c);
    const forwardedFor = c.req.header('X-Forwarded-For');
    if (!told && forwardedFor !== undefined && peer !== undefined && isInternal(peer) && !isTrusted(peer)) {
      told = true;
      log.fact('proxy_not_trusted', { peer, remedy: 'Set TRUSTED_PROXIES to its network, or to private.' });
    }
    const address = clientAddress(peer, forwardedFor, isTrusted);
    return address === null ? null : senderOf(address);
  };
}

/** The address at the other end of the connection, which is a proxy's where there is one. */
export function peerOf(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}

/** Whether an address is one that the internet cannot reach. */
export const isInternal: TrustedProxies = parseTrustedProxies(['private']);
