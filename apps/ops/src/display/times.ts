/** A duration in its one or two largest units: `45s`, `3m 20s`, `2h 5m`, `3d 4h`. */
export function spellDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const units = [
    ['d', Math.floor(seconds / 86_400)],
    ['h', Math.floor(seconds / 3_600) % 24],
    ['m', Math.floor(seconds / 60) % 60],
    ['s', seconds % 60],
  ] as const;
  const first = units.findIndex(([, count]) => count > 0);
  if (first === -1) return '0s';
  return units
    .slice(first, first + 2)
    .filter(([, count]) => count > 0)
    .map(([unit, count]) => `${count}${unit}`)
    .join(' ');
}

/** The age of an ISO timestamp, as {@link spellDuration} formats it; `-` for null. `now` in epoch milliseconds. */
export function ago(time: string | null, now: number): string {
  return time === null ? '-' : spellDuration(now - Date.parse(time));
}

/** An ISO timestamp in UTC, to the second: `2026-11-22 20:26:13`; `-` for null. */
export function timestamp(time: string | null): string {
  return time === null ? '-' : new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}
