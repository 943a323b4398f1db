const zone = 'America/Los_Angeles';
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Milliseconds from `now` (epoch) to the next midnight in Los Angeles, when the per-day quotas of the Gemini API reset.
 * Correct across daylight saving changes; always more than 0.
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

/** The offset of Los Angeles from UTC at `time` (epoch), in milliseconds. */
function offsetAt(time: number): number {
  const whole = Math.floor(time / 1000) * 1000;
  const parts = Object.fromEntries(
    wallClock.formatToParts(whole).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
}
