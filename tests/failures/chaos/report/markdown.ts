import type { ChaosResult } from '../run.ts';
import { countBy, countEndings, quantile, recoveries } from './summary.ts';

/** What is checked after every run, in the words of the report. */
const promises = [
  'Every accepted job has ended, and no job is there that nobody asked for',
  '`credit_audit` is empty: no debit, refund or balance is wrong',
  'Every completed image is readable at its URL with the recorded SHA-256; no other job shows one',
  'No job had more paid model calls than allowed, and every call was counted before it was sent',
  'No version, attempt or progress went backwards for any reader; an end, once seen, was the end',
  'No request was answered with 500, and one key never meant two jobs',
  'Every process is alive or was ended on purpose; none crashed',
  'New jobs succeed after the last fault, without a restart by hand',
];

/** A report of runs in Markdown. */
export function writeReport(results: readonly ChaosResult[], command: string): string {
  const verdict = results.every(({ broken }) => broken.length === 0) ? 'Nothing broke.' : 'Something broke.';
  return [
    '# A run of the chaos suite',
    `\`${command}\`: ${verdict}`,
    ...results.map(reportOf),
    '## What was checked',
    promises.map((promise) => `- ${promise}`).join('\n'),
    '',
  ].join('\n\n');
}

function reportOf(result: ChaosResult): string {
  const { options, broken, rows, strikes, history, newWork, stormMs, tookMs, startedAtMs, remarks } = result;
  const took = rows.flatMap(({ took_ms: ms }) => ms ?? []);
  const late = Math.max(0, ...rows.flatMap(({ late_ms: ms }) => ms ?? []));
  const again = rows.filter(({ attempt }) => attempt > 1).length;
  const replays = history.intents.length - rows.length;
  return [
    `## On ${options.queue}, seed ${options.seed}`,
    `${seconds(stormMs)} of faults, ${seconds(tookMs)} in all. ${rows.length} jobs were accepted for ` +
      `${new Set(rows.map((row) => row.user_id)).size} users (${replays} requests were refused for want of credits); ` +
      `${again} jobs ran more than once; ${sum(rows.map((row) => row.losses))} times a worker was lost with a job.`,
    broken.length === 0
      ? 'Nothing is broken.'
      : `**Broken:**\n\n${broken.map((one) => `- ${one}`).join('\n')}`,
    table(['ended as', 'jobs'], Object.entries(countEndings(rows))),
    table(
      ['from request to end', 'half of them', '95 of 100', 'longest'],
      [['', seconds(quantile(took, 0.5)), seconds(quantile(took, 0.95)), seconds(quantile(took, 1))]],
    ),
    `The latest end came ${seconds(late)} after its job's deadline. When everything was mended, five new jobs were ` +
      `completed within ${seconds(newWork.tookMs)}.`,
    table(
      ['nemesis', 'strikes', 'first new job done after (median)', 'longest'],
      recoveries(strikes, rows, startedAtMs).map((one) => [
        one.nemesis,
        one.strikes,
        seconds(one.medianMs),
        seconds(one.longestMs),
      ]),
    ),
    table(['asked for', 'jobs'], Object.entries(countBy(history.intents, ({ request }) => request.kind))),
    `In the logs: ${
      Object.entries(remarks)
        .map(([event, count]) => `${count} × ${event}`)
        .join(', ') || 'nothing unexpected'
    }.`,
  ].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function seconds(ms: number | null): string {
  return ms === null ? 'never' : `${(ms / 1_000).toFixed(1)} s`;
}

function sum(list: readonly number[]): number {
  return list.reduce((total, one) => total + one, 0);
}
