/** A JWT: three parts in base64url. Machine keys (`ak_…`, `mt_…`, `oat_…`) have no dots and never match. */
const bearerJwt = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i;
const machinePrefix = /^(ak|mt|oat)_/;
const maxCharacters = 8_192;

/** The session token of an Authorization header, not verified; null without one. */
export function bearerToken(header: string | undefined): string | null {
  if (header === undefined || header.length > maxCharacters) return null;
  const token = bearerJwt.exec(header)?.[1] ?? null;
  return token === null || machinePrefix.test(token) ? null : token;
}
