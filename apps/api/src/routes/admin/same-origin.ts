import type { Context } from 'hono';
import { ProblemError } from '../../problem/problem.ts';

/**
 * Rejects browser requests from pages of another origin (CSRF). Uses Sec-Fetch-Site, and Origin for older browsers.
 * @throws ProblemError forbidden
 */
export function requireSameOrigin(c: Context): void {
  const site = c.req.header('Sec-Fetch-Site');
  const isSameOrigin = site === undefined ? isOwnOrigin(c) : site === 'same-origin';
  if (!isSameOrigin)
    throw new ProblemError({
      code: 'forbidden',
      detail: 'This action is only allowed from a page of this server.',
    });
}

function isOwnOrigin(c: Context): boolean {
  const origin = c.req.header('Origin');
  if (origin === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === c.req.header('Host');
}
