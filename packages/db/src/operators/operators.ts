import type { Database } from '../database.ts';
import type { Door } from '../open.ts';

type OperatorOperation = 'readGauges' | 'runAudit' | 'getTraces';

/** A scrape waits for it, and the next one comes soon. */
const oneTry = { repeats: 0 };
/** The audit reads all that was ever booked, while nobody waits. */
const patiently = { timeoutMs: 60_000, repeats: 0 };

export function operatorOperations({ call }: Door): Pick<Database, OperatorOperation> {
  return {
    readGauges: () => call('operator_gauges', {}, oneTry),
    runAudit: () => call('operator_audit', {}, patiently),
    getTraces: ({ jobIds }) => call('job_traces', { p_jobs: jobIds }, oneTry),
  };
}
