import type { Context } from 'hono';
import { ProblemError } from '../problem/problem.ts';

/**
 * Lets a browser change something only from a page of this very address. Browsers say where a request comes from in
 * Sec-Fetch-Site; older ones name the page in Origin. @throws ProblemError forbidden
 */
export function requireSameOrigin(c: Context): void {
  const site = c.req.header('Sec-Fetch-Site');
  const ours = site === undefined ? isOwnOrigin(c) : site === 'same-origin';
  if (!ours)
    throw new ProblemError({ code: 'forbidden', detail: 'This may only be done from its own page.' });
}

function isOwnOrigin(c: Context): boolean {
  const origin = c.req.header('Origin');
  if (origin === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === c.req.header('Host');
}
