/** The longest that a request may ask to be held, in seconds. */
const longestWait = 60;

/**
 * How many seconds a `Prefer: wait=…` (RFC 7240) asks for; null where it asks for nothing, or for what cannot be
 * understood: a preference is never an error. More than 60 is 60; `wait` alone too.
 */
export function preferredWait(header: string | undefined): number | null {
  for (const preference of header?.split(',') ?? []) {
    const match = /^\s*wait\s*(?:=\s*"?(\d{1,9})"?)?\s*(?:;.*)?$/i.exec(preference);
    if (!match) continue;
    const seconds = match[1] === undefined ? longestWait : Number(match[1]);
    // The first one counts.
    return seconds === 0 ? null : Math.min(seconds, longestWait);
  }
  return null;
}
