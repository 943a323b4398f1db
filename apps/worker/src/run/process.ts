import type { Outcome } from '@darkroom/core/job/outcome';
import type { Handler } from '@darkroom/core/queue/queue';
import { noTracing, type Tracing } from '@darkroom/core/runtime/trace/tracing';
import type { Claimed } from './claim.ts';
import type { Run, Runs } from './runs.ts';

export interface ProcessDeps {
  runs: Runs;
  claim(jobId: string): Promise<Claimed>;
  render(run: Run): Promise<Outcome>;
  settle(run: Run, outcome: Outcome): Promise<void>;
  /** Each step is a span of the job's trace. Left out: nothing is traced. */
  tracing?: Tracing;
}

/**
 * How long a delivery of a job that is in hand here waits, in milliseconds. It is not dropped: should the run at hand
 * be lost, it is the one that brings the job back.
 */
const inHandMs = 2_000;

/**
 * Handles one delivery: `claim -> render -> settle`.
 * The queue's own signal is left aside on purpose. The right to work is the lease in Postgres: when the queue loses
 * track of a run and delivers the job anew, that delivery meets a live lease and is dropped, and the image that is
 * being paid for is not thrown away.
 */
export function createProcess({ runs, tracing = noTracing, ...steps }: ProcessDeps): Handler {
  const claim = (jobId: string) => tracing.span('claim', {}, () => steps.claim(jobId));
  const render = (run: Run) => tracing.span('render', {}, () => steps.render(run));
  const settle = (run: Run, outcome: Outcome) => tracing.span('settle', {}, () => steps.settle(run, outcome));

  return async ({ jobId }) => {
    if (!runs.reserve(jobId)) return { delayMs: inHandMs };
    try {
      const claimed = await claim(jobId);
      if (claimed.kind === 'drop') return;
      if (claimed.kind === 'later') return { delayMs: claimed.delayMs };
      await settle(claimed.run, await render(claimed.run));
    } finally {
      runs.free(jobId);
    }
  };
}
