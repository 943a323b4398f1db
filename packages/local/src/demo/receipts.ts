import type { Finished } from './run.ts';
import { table } from './table.ts';

/** The receipts of jobs that have ended, as a table. `imageOf` tells where a job's image is; null where there is none. */
export function receipts(finished: readonly Finished[], imageOf: (one: Finished) => string | null): string {
  return table(
    ['job', 'status', 'served by, or why not', 'charged', 'refunded', 'net', 'image'],
    finished.map((one) => [
      one.scenario.title,
      one.job.status,
      one.job.model ?? one.job.error_code,
      one.job.receipt.charged,
      one.job.receipt.refunded,
      one.job.receipt.net,
      imageOf(one),
    ]),
  );
}
