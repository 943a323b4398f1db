import { clientAddress, senderOf, type TrustedProxies } from '@darkroom/core/limits/client-address';
import type { Context } from 'hono';

/** Whose request this is, as far as its connection tells; null where there is none, in tests. */
export function senderOfRequest(c: Context, isTrusted: TrustedProxies): string | null {
  const { incoming } = (c.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } };
  const address = clientAddress(incoming?.socket?.remoteAddress, c.req.header('X-Forwarded-For'), isTrusted);
  return address === null ? null : senderOf(address);
}
