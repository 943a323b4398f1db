const zone = 'America/Los_Angeles';
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Milliseconds from `now` (epoch) to the next midnight in Los Angeles, where the per-day quotas of the
 * Gemini API begin anew. Right across changes of daylight saving time; always more than 0.
 */
export function msUntilQuotaReset(now: number): number {
  const local = new Date(now + offsetAt(now));
  const nextMidnight = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()) + dayMs;
  const estimate = nextMidnight - offsetAt(now);
  return nextMidnight - offsetAt(estimate) - now;
}

const wallClock = new Intl.DateTimeFormat('en-US', {
  timeZone: zone,
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});

/** What must be added to an epoch time so that its UTC fields read as the clock on a wall in Los Angeles. */
function offsetAt(time: number): number {
  const whole = Math.floor(time / 1000) * 1000;
  const parts = Object.fromEntries(
    wallClock.formatToParts(whole).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
}
