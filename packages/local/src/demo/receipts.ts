import type { Finished } from './run.ts';
import { table } from './table.ts';

/** The receipts of ended jobs as a table. `imageOf` returns the place of an image, or null. */
export function receipts(finished: readonly Finished[], imageOf: (one: Finished) => string | null): string {
  return table(
    ['job', 'status', 'model or error', 'charged', 'refunded', 'net', 'image'],
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
