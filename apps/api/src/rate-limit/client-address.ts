import type { Log } from '@darkroom/core/runtime/log/log';
import {
  clientAddress,
  parseTrustedProxies,
  senderOf,
  type TrustedProxies,
} from '@darkroom/core/runtime/network/client-address';
import type { Context } from 'hono';

/**
 * The client's address as rate limits count it: an IPv4 address or an IPv6 /64. Null without a connection, which only
 * happens in tests.
 */
export type ClientAddressOf = (c: Context) => string | null;

/**
 * Creates a {@link ClientAddressOf}. Logs once if an untrusted proxy seems to stand in front of the API: all clients behind
 * it share one address and its limits.
 */
export function createClientAddressOf(deps: { isTrusted: TrustedProxies; log: Log }): ClientAddressOf {
  const { isTrusted, log } = deps;
  let warned = false;
  return (c) => {
    const peer = peerAddress(c);
    const forwardedFor = c.req.header('X-Forwarded-For');
    const isBehindProxy = forwardedFor !== undefined && peer !== undefined && isPrivateAddress(peer);
    if (!warned && isBehindProxy && !isTrusted(peer)) {
      warned = true;
      log.fact('proxy_not_trusted', { peer, remedy: 'Set TRUSTED_PROXIES to its network, or to private.' });
    }
    const address = clientAddress(peer, forwardedFor, isTrusted);
    return address === null ? null : senderOf(address);
  };
}

/** The address at the other end of the connection: the client's, or the nearest proxy's. */
export function peerAddress(c: Context): string | undefined {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  return incoming?.socket?.remoteAddress;
}

/** True for addresses that the internet cannot reach. */
export const isPrivateAddress: TrustedProxies = parseTrustedProxies(['private']);
