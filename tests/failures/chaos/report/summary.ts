import type { Strike } from '../storm.ts';
import type { JobRow } from '../verdict/rows.ts';

/** How soon work went through after the strikes of one nemesis. */
export interface Recovery {
  nemesis: string;
  strikes: number;
  /** In milliseconds: half of them, and all of them, were shorter. Null when nothing was completed after one. */
  medianMs: number | null;
  longestMs: number | null;
}

/** From the end of each strike until a job was completed that was asked for after it, others at work included. */
export function recoveries(
  strikes: readonly Strike[],
  rows: readonly JobRow[],
  startedAtMs: number,
): Recovery[] {
  const names = [...new Set(strikes.map(({ nemesis }) => nemesis))].sort();
  return names.map((nemesis) => {
    const own = strikes.filter((strike) => strike.nemesis === nemesis);
    const times = own.flatMap(({ to }) => recoveryAfter(startedAtMs + to, rows) ?? []);
    return {
      nemesis,
      strikes: own.length,
      medianMs: quantile(times, 0.5),
      longestMs: quantile(times, 1),
    };
  });
}

function recoveryAfter(atMs: number, rows: readonly JobRow[]): number | null {
  const ends = rows.flatMap((row) =>
    row.status === 'completed' && row.created_ms >= atMs ? (row.completed_ms ?? []) : [],
  );
  return ends.length === 0 ? null : Math.round(ends.reduce((a, b) => Math.min(a, b)) - atMs);
}

/** How often each ending came about. */
export function countEndings(rows: readonly JobRow[]): Record<string, number> {
  return countBy(rows, ({ status, error_code: code }) =>
    code && code !== status ? `${status} ${code}` : status,
  );
}

export function countBy<T>(list: readonly T[], nameOf: (one: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const one of list) counts[nameOf(one)] = (counts[nameOf(one)] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([, a], [, b]) => b - a));
}

/** The value below which this share of the list lies; null for an empty one. */
export function quantile(list: readonly number[], share: number): number | null {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null;
}
