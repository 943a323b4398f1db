import type { Outcome } from '@darkroom/core/job/outcome';
import type { Handler } from '@darkroom/core/queue/queue';
import { noTracing, type Tracing } from '@darkroom/core/runtime/trace/tracing';
import type { ActiveRuns, Run } from './active-runs.ts';
import type { Claimed } from './claim.ts';

export interface RunDeps {
  runs: Pick<ActiveRuns, 'reserve' | 'release'>;
  claim(jobId: string): Promise<Claimed>;
  render(run: Run): Promise<Outcome>;
  settle(run: Run, outcome: Outcome): Promise<void>;
  /** Each step is a span of the job's trace. Omitted: no tracing. */
  tracing?: Tracing;
}

/**
 * Delay of a second delivery of a job that is already active here. It is not dropped, because it brings the job back if
 * the active run is lost.
 */
const alreadyActiveDelayMs = 2_000;

/**
 * Handles one delivery: `claim -> render -> settle`.
 * The queue's abort signal is ignored on purpose: the lease in Postgres is the right to work. If the queue loses track of
 * a run and delivers the job again, that delivery finds a live lease and is dropped, and the paid model call continues.
 */
export function createRunHandler({ runs, tracing = noTracing, ...steps }: RunDeps): Handler {
  const claim = (jobId: string) => tracing.span('claim', {}, () => steps.claim(jobId));
  const render = (run: Run) => tracing.span('render', {}, () => steps.render(run));
  const settle = (run: Run, outcome: Outcome) => tracing.span('settle', {}, () => steps.settle(run, outcome));

  return async ({ jobId }) => {
    if (!runs.reserve(jobId)) return { delayMs: alreadyActiveDelayMs };
    try {
      const claimed = await claim(jobId);
      if (claimed.kind === 'drop') return;
      if (claimed.kind === 'later') return { delayMs: claimed.delayMs };
      const outcome = await render(claimed.run);
      await settle(claimed.run, outcome);
    } finally {
      runs.release(jobId);
    }
  };
}
