import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a request may read the metrics: it shows the token as a bearer, or none is asked for. */
export function maySeeMetrics(authorization: string | undefined, token: string | undefined): boolean {
  if (token === undefined) return true;
  const shown = /^Bearer +(\S.*)$/i.exec(authorization ?? '')?.[1];
  return shown !== undefined && timingSafeEqual(digest(shown), digest(token));
}

/** Of one length, so that comparing tells nothing of it. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
