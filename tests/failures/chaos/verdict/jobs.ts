import { isTerminal } from '@darkroom/core/job/job';
import type { History } from '../load/history.ts';
import type { JobRow } from './rows.ts';

/**
 * What the database holds and what clients were told are the same: every accepted job is there and has ended, no job
 * is there that nobody asked for, and an end that was seen once is the end.
 */
export function judgeJobs(rows: readonly JobRow[], history: History): string[] {
  const intents = new Map(history.intents.map((intent) => [intent.tag, intent]));
  const ids = new Set(rows.map(({ id }) => id));
  const missing = history.intents.filter(({ jobId }) => jobId !== null && !ids.has(jobId));
  return [
    ...history.complaints,
    ...missing.map(({ jobId, key }) => `job ${jobId} was accepted (key ${key}) and is not there`),
    ...twice(rows.map(({ tag }) => tag)).map((tag) => `two jobs for one request: ${tag}`),
    ...rows.flatMap((row) => {
      const intent = intents.get(row.tag);
      const seen = history.sightings.get(row.id)?.job;
      return [
        ...(intent?.jobId === row.id ? [] : [`job ${row.id} belongs to no accepted request (${row.tag})`]),
        ...(isTerminal(row.status) ? [] : [`job ${row.id} is still ${row.status}`]),
        ...(seen?.status === row.status && seen.version === row.version
          ? []
          : [
              `job ${row.id} is ${row.status}, version ${row.version}; clients saw ${seen?.status}, ${seen?.version}`,
            ]),
        ...(intent?.canceled && row.status !== 'canceled'
          ? [`job ${row.id} was canceled and is ${row.status}`]
          : []),
        ...(row.error_code === 'internal_error' ? [`job ${row.id} failed by a fault of ours`] : []),
      ];
    }),
  ];
}

function twice(list: readonly string[]): string[] {
  const seen = new Set<string>();
  return list.filter((one) => seen.has(one) || !seen.add(one));
}
