import { ratio } from './suites/statistics.ts';
import { darkroom, floor, type SuiteResult } from './suites/suite.ts';

/** Cost ratios of Darkroom to its floor, by suite and measure; above 1 is worse than the floor. */
export type Baseline = Record<string, Record<string, number>>;

/** More than noise explains. */
const worseBy = 2;

export function toBaseline(results: readonly SuiteResult[]): Baseline {
  return Object.fromEntries(
    results.map(({ name, measures }) => [
      name,
      Object.fromEntries(
        measures
          .filter(({ values }) => values[darkroom] && values[floor])
          .filter(({ name }) => !name.includes('p99'))
          .map((measure) => [measure.name, Number(costRatio(measure).toFixed(3))]),
      ),
    ]),
  );
}

export function compareWithBaseline(
  results: readonly SuiteResult[],
  baseline: Baseline,
): { lines: string[]; held: boolean } {
  const now = toBaseline(results);
  const lines: string[] = [];
  let held = true;
  for (const [suite, measures] of Object.entries(baseline)) {
    for (const [measure, before] of Object.entries(measures)) {
      const current = now[suite]?.[measure] ?? Number.NaN;
      const holds = current < before * worseBy;
      held &&= holds;
      const verdict = holds ? 'held' : 'TWICE AS BAD, or worse';
      lines.push(`${suite}, ${measure}: ${current} times the floor, ${before} in the baseline: ${verdict}`);
    }
  }
  return { lines, held };
}

/** Above 1 is worse than the floor, in either direction of the measure. */
function costRatio(measure: SuiteResult['measures'][number]): number {
  return measure.better === 'lower' ? ratio(measure, darkroom, floor) : ratio(measure, floor, darkroom);
}
