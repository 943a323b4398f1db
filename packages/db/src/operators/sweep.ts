import type { Rest } from './rest.ts';

/** What one pass of the sweep would do to a job. */
export interface PlannedStep {
  what: 'cancel' | 'fail_overdue' | 'fail_crashed' | 'take_back' | 'deliver';
  job_id: string;
  user_id: string;
  /** Since when it has been due, ISO 8601. */
  since: string;
}

export interface OperatorSweep {
  /** What the next sweep would do. Changes nothing. */
  previewSweep(query: { limit: number }): Promise<PlannedStep[]>;
}

export function operatorSweep(rest: Rest): OperatorSweep {
  return {
    previewSweep: ({ limit }) => rest((client) => client.rpc('sweep_preview', { p_limit: limit })),
  };
}
