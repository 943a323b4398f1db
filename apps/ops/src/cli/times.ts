/** How long ago, or how long, in one or two units: `45s`, `3m 20s`, `2h 5m`, `3d 4h`. */
export function spell(ms: number): string {
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

/** How long ago a moment was, as {@link spell} says it; `-` for none. */
export function ago(moment: string | null, now: number): string {
  return moment === null ? '-' : spell(now - Date.parse(moment));
}

/** A moment to the second, in UTC: `2026-11-22 20:26:13`; `-` for none. */
export function clock(moment: string | null): string {
  return moment === null ? '-' : new Date(moment).toISOString().slice(0, 19).replace('T', ' ');
}
