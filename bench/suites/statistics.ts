import type { Check, Measure } from './suite.ts';

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) return Number.NaN;
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)]!;
  const above = sorted[Math.ceil(at)]!;
  return below + (above - below) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function medianOf(measure: Measure, contestant: string): number {
  return median(measure.values[contestant] ?? []);
}

/** The median of the ratios of each turn: a disturbance of a whole turn affects both sides. */
export function ratio(measure: Measure, contestant: string, to: string): number {
  const others = measure.values[to] ?? [];
  const ratios = (measure.values[contestant] ?? []).flatMap((value, turn) => {
    const other = others[turn];
    return other === undefined ? [] : [value / other];
  });
  return median(ratios);
}

/** The contestant with the best median. */
export function best(measure: Measure, contestants: readonly string[]): string | null {
  const ranked = contestants
    .filter((name) => (measure.values[name]?.length ?? 0) > 0)
    .sort((a, b) => medianOf(measure, a) - medianOf(measure, b));
  return (measure.better === 'lower' ? ranked[0] : ranked.at(-1)) ?? null;
}

export function atLeast(what: string, value: number, target: number): Check {
  return { what, value, target: `at least ${target}`, met: value >= target };
}

export function atMost(what: string, value: number, target: number): Check {
  return { what, value, target: `at most ${target}`, met: value <= target };
}

export function emptyMeasure(
  name: string,
  unit: string,
  better: Measure['better'],
  contestants: readonly string[],
): Measure {
  return { name, unit, better, values: Object.fromEntries(contestants.map((one) => [one, []])) };
}

/** Every contestant has one turn in each round; each round begins with another one. */
export async function takeTurns(
  rounds: number,
  contestants: readonly string[],
  turn: (contestant: string, round: number) => Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    for (let at = 0; at < contestants.length; at += 1) {
      await turn(contestants[(at + round) % contestants.length]!, round);
    }
  }
}
