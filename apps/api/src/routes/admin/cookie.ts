import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { sessionSeconds } from './session.ts';

const name = 'darkroom_operator';
const path = '/admin';

export function readSessionCookie(c: Context): string | undefined {
  return getCookie(c, name);
}

/** Scripts cannot read it, and browsers do not send it for pages of other sites. */
export function setSessionCookie(c: Context, value: string): void {
  setCookie(c, name, value, {
    path,
    httpOnly: true,
    sameSite: 'Strict',
    secure: isSecure(c),
    maxAge: sessionSeconds,
  });
}

export function dropSessionCookie(c: Context): void {
  deleteCookie(c, name, { path, httpOnly: true, sameSite: 'Strict', secure: isSecure(c) });
}

/** A forged X-Forwarded-Proto only makes the client's own cookie stricter. */
function isSecure(c: Context): boolean {
  const forwarded = c.req.header('X-Forwarded-Proto')?.split(',')[0]?.trim();
  return forwarded === 'https' || new URL(c.req.url).protocol === 'https:';
}
