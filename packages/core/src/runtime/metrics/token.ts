import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a request may read the metrics: it sends the token as a bearer token, or no token is configured. */
export function maySeeMetrics(authorization: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return true;
  const shown = /^Bearer +(\S.*)$/i.exec(authorization ?? '')?.[1];
  return shown !== undefined && timingSafeEqual(digest(shown), digest(token));
}

/** Digests have equal length, so the comparison does not reveal the length of the token. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
