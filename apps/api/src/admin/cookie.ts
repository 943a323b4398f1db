import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { sessionSeconds } from './session.ts';

const name = 'darkroom_operator';
const path = '/admin';

export function readSessionCookie(c: Context): string | undefined {
  return getCookie(c, name);
}

/** No script can read it, and no other site's page can have it sent. */
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

/** Whoever lies about it gets a cookie that is kept more strictly, and nothing else. */
function isSecure(c: Context): boolean {
  const forwarded = c.req.header('X-Forwarded-Proto')?.split(',')[0]?.trim();
  return forwarded === 'https' || new URL(c.req.url).protocol === 'https:';
}
