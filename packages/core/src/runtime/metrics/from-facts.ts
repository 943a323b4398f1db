import { type FactName, facts } from '../log/events.ts';
import { createFactLog, type FactFields, type Log } from '../log/log.ts';
import type { MetricOf } from './catalog.ts';
import type { Metrics } from './metrics.ts';

/**
 * Wraps a log so that each fact also updates the metrics. Log and metrics therefore always agree. Facts are counted at every
 * log level.
 */
export function countFacts(log: Log, metrics: Metrics): Log {
  return createFactLog((name, fields) => {
    log.fact(name, fields);
    const { level } = facts[name];
    if (level === 'error' || level === 'fatal') metrics.add('darkroom_errors_total', { fact: name });
    counts[name]?.(metrics, fields);
  });
}

const sweptKinds = ['due', 'overdue', 'crashed', 'lapsed', 'lost_deliveries'] as const;

/** How each fact updates the metrics. Facts that are not listed are only logged. */
const counts: Partial<Record<FactName, (metrics: Metrics, fields: FactFields) => void>> = {
  request_finished(metrics, { method, route, status, ms }) {
    const labels = { method: methodOf(method), route: routeOf(route), status: String(status) };
    metrics.observe('darkroom_http_request_seconds', labels, secondsOf(ms));
  },
  job_created: (metrics) => metrics.add('darkroom_jobs_accepted_total', {}),

  job_claimed(metrics, { wait_ms }) {
    if (typeof wait_ms === 'number') metrics.observe('darkroom_job_wait_seconds', {}, secondsOf(wait_ms));
  },
  job_completed(metrics, { model, model_requested, total_ms }) {
    metrics.add('darkroom_runs_total', { outcome: 'completed', code: 'none' });
    metrics.observe('darkroom_job_total_seconds', { status: 'completed' }, secondsOf(total_ms));
    if (model_requested && model !== model_requested) {
      metrics.add('darkroom_model_fallbacks_total', { model: String(model) });
    }
  },
  job_failed(metrics, { code, total_ms }) {
    metrics.add('darkroom_runs_total', { outcome: 'failed', code: String(code) });
    metrics.observe('darkroom_job_total_seconds', { status: 'failed' }, secondsOf(total_ms));
  },
  job_retried: (metrics, { code }) =>
    metrics.add('darkroom_runs_total', { outcome: 'retried', code: String(code) }),
  job_released: (metrics) => metrics.add('darkroom_runs_total', { outcome: 'released', code: 'none' }),
  job_lost: (metrics) => metrics.add('darkroom_runs_total', { outcome: 'lost', code: 'none' }),

  model_call_ok: countCall,
  model_call_failed: countCall,
  provider_misconfigured: (metrics) => metrics.add('darkroom_provider_misconfigured_total', {}),
  image_stored: (metrics, { ms }) => metrics.observe('darkroom_upload_seconds', {}, secondsOf(ms)),

  lease_lost: (metrics) => metrics.add('darkroom_lease_losses_total', {}),
  sweep_finished(metrics, fields) {
    for (const kind of sweptKinds) {
      const rows = fields[kind];
      if (typeof rows === 'number') metrics.add('darkroom_sweep_rows_total', { kind }, rows);
    }
  },
  job_canceled: (metrics) => metrics.add('darkroom_sweep_rows_total', { kind: 'cancel_after' }),
  maintenance_failed: (metrics, { loop }) =>
    metrics.add('darkroom_maintenance_failures_total', { loop: String(loop) }),
  queue_emptied: (metrics) => metrics.add('darkroom_queue_emptied_total', {}),
  webhook_delivered: (metrics) => metrics.add('darkroom_webhooks_sent_total', { result: 'delivered' }),
  webhook_retried: (metrics) => metrics.add('darkroom_webhooks_sent_total', { result: 'retried' }),
  webhook_failed: (metrics) => metrics.add('darkroom_webhooks_sent_total', { result: 'failed' }),
};

/** Initializes counters to 0, so that `increase()` in Prometheus sees their first increment. */
export function startCountersAtZero(metrics: Metrics): void {
  const bare: readonly MetricOf<'counter'>[] = [
    'darkroom_jobs_accepted_total',
    'darkroom_provider_misconfigured_total',
    'darkroom_lease_losses_total',
    'darkroom_queue_emptied_total',
  ];
  for (const name of bare) metrics.add(name, {} as never, 0);
  for (const kind of [...sweptKinds, 'cancel_after']) metrics.add('darkroom_sweep_rows_total', { kind }, 0);
  for (const loop of ['sweep', 'removal']) metrics.add('darkroom_maintenance_failures_total', { loop }, 0);
  for (const result of ['delivered', 'retried', 'failed']) {
    metrics.add('darkroom_webhooks_sent_total', { result }, 0);
  }
}

function countCall(metrics: Metrics, { model, code, ms }: FactFields): void {
  metrics.add('darkroom_model_calls_total', { model: String(model), code: String(code) });
  metrics.observe('darkroom_model_call_seconds', { model: String(model) }, secondsOf(ms));
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Clients can send any method, so unknown ones share one label value. */
function methodOf(method: unknown): string {
  return typeof method === 'string' && methods.has(method) ? method : 'other';
}

/** The template of the route, or `other` if there is none or it contains a wildcard. */
function routeOf(route: unknown): string {
  return typeof route === 'string' && route !== '' && !route.includes('*') ? route : 'other';
}

function secondsOf(ms: unknown): number {
  return typeof ms === 'number' ? ms / 1_000 : 0;
}
