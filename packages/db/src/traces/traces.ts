import { type Call, oneAttempt } from '../transport/call.ts';

export interface TraceOperations {
  /** By job, the trace it was created in (`traceparent`); without jobs that have none. Not retried. */
  getTraces(query: { jobIds: readonly string[] }): Promise<Record<string, string>>;
}

export function traceOperations(call: Call): TraceOperations {
  return {
    getTraces: ({ jobIds }) => call('job_traces', { p_jobs: jobIds }, oneAttempt),
  };
}
