import { median, quantile, ratio } from '../suites/statistics.ts';
import { darkroom, type Measure, type SuiteResult } from '../suites/suite.ts';

/** A result as Markdown: one table for each measure, then checks and notes. */
export function describeResult({ title, how, measures, checks, notes }: SuiteResult): string {
  return [
    `## ${title}`,
    how,
    ...measures.map(tableOf),
    ...(checks.length > 0 ? [checks.map(checkLine).join('\n')] : []),
    ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : []),
  ].join('\n\n');
}

export function tableOf(measure: Measure): string {
  const { name, unit, better, values, mixed } = measure;
  if (mixed) return plainTableOf(measure);
  const reference = darkroom in values ? darkroom : Object.keys(values)[0]!;
  const rows = Object.keys(values).map((contestant) => {
    const all = values[contestant]!;
    const spread = `${figure(quantile(all, 0))} – ${figure(quantile(all, 1))}`;
    const times = contestant === reference ? '1' : figure(ratio(measure, contestant, reference));
    return `| ${contestant} | ${figure(median(all))} | ${spread} | ${times} |`;
  });
  return [
    `| ${name}, ${unit} (${better} is better) | median | range | relative to ${reference} |`,
    '| --- | ---: | ---: | ---: |',
    ...rows,
  ].join('\n');
}

function plainTableOf({ name, unit, values }: Measure): string {
  const rows = Object.entries(values).map(([what, all]) => `| ${what} | ${figure(median(all))} |`);
  return [`| ${name}, ${unit} | |`, '| --- | ---: |', ...rows].join('\n');
}

function checkLine({ what, value, target, met }: SuiteResult['checks'][number]): string {
  return `- ${met ? 'met' : '**missed**'}: ${what} ${figure(value)}, ${target}`;
}

/** Three significant digits, without an exponent. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return value.toFixed(2);
}
