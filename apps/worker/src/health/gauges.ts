import type { Metrics } from '@darkroom/core/runtime/metrics/metrics';
import type { Worker } from '../worker.ts';

const states = ['closed', 'open', 'half_open'] as const;

/** Sets the worker's gauges before each scrape. A breaker without calls so far counts as closed. */
export function exposeWorkerGauges(
  metrics: Metrics,
  options: {
    worker: Pick<Worker, 'ready' | 'jobs' | 'breakerStates'>;
    models: readonly string[];
    concurrency: number;
  },
): void {
  const { worker, models, concurrency } = options;
  metrics.beforeScrape(() => {
    const breakers = worker.breakerStates();
    metrics.replace('darkroom_worker_ready', [{ labels: {}, value: worker.ready ? 1 : 0 }]);
    metrics.replace('darkroom_worker_jobs', [{ labels: {}, value: worker.jobs }]);
    metrics.replace('darkroom_worker_concurrency', [{ labels: {}, value: concurrency }]);
    metrics.replace(
      'darkroom_breaker_state',
      models.flatMap((model) =>
        states.map((state) => ({
          labels: { model, state },
          value: (breakers[model]?.state ?? 'closed') === state ? 1 : 0,
        })),
      ),
    );
  });
}
