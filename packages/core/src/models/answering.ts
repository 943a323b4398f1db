import { type FailureCode, failures } from '../job/failure.ts';

/**
 * Whether a model has been answering, judged by the codes of its latest calls, newest first. False when the newest is
 * `model_unavailable`, or when there are at least three and all are faults. True without calls: only a call can show a fault.
 */
export function hasBeenAnswering(latest: readonly string[]): boolean {
  if (latest[0] === 'model_unavailable') return false;
  return latest.length < 3 || latest.some((code) => !isModelFault(code));
}

function isModelFault(code: string): boolean {
  return code in failures && failures[code as FailureCode].isModelFault;
}
