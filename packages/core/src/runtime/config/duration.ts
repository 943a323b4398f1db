const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/**
 * Reads a duration such as `500ms`, `30s`, `10m` or `1h`.
 * @returns milliseconds, or null when the text is no duration.
 */
export function parseDuration(text: string): number | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? [];
  if (amount === undefined || unit === undefined) return null;
  return Math.round(Number(amount) * units[unit as keyof typeof units]);
}

/** Writes milliseconds in the largest unit that needs no fraction. */
export function formatDuration(ms: number): string {
  const fitting = (['h', 'm', 's'] as const).find((unit) => ms >= units[unit] && ms % units[unit] === 0);
  return fitting ? `${ms / units[fitting]}${fitting}` : `${ms}ms`;
}
