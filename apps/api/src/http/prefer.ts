const maxWaitSeconds = 60;

/**
 * The seconds that `Prefer: wait=…` (RFC 7240) asks for, at most 60; `wait` without a value is 60. Null without a wait or
 * with one that cannot be parsed: a preference is never an error.
 */
export function preferredWait(header: string | undefined): number | null {
  for (const preference of header?.split(',') ?? []) {
    const match = /^\s*wait\s*(?:=\s*"?(\d{1,9})"?)?\s*(?:;.*)?$/i.exec(preference);
    if (!match) continue;
    const seconds = match[1] === undefined ? maxWaitSeconds : Number(match[1]);
    // RFC 7240: the first of repeated preferences counts.
    return seconds === 0 ? null : Math.min(seconds, maxWaitSeconds);
  }
  return null;
}
