/** A process that exposes metrics. */
export type MetricsProcess = 'api' | 'worker';

interface Entry {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: readonly string[];
  /** Upper bounds of a histogram, in the unit of the metric name. */
  buckets?: readonly number[];
  /**
   * `process`: the activity of this process; sum it over all processes. `system`: read from the database and the queue, so
   * every process shows the same value; take the maximum.
   */
  scope: 'process' | 'system';
  of: readonly MetricsProcess[];
}

interface Where {
  scope: Entry['scope'];
  of: readonly MetricsProcess[];
}

const both: Where = { scope: 'process', of: ['api', 'worker'] };
const api: Where = { scope: 'process', of: ['api'] };
const worker: Where = { scope: 'process', of: ['worker'] };
const system: Where = { scope: 'system', of: ['api', 'worker'] };

const requestSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const waitSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const modelSeconds = [0.5, 1, 2.5, 5, 10, 20, 30, 45, 60, 90, 120];
const jobSeconds = [1, 2.5, 5, 10, 20, 30, 60, 120, 180, 300, 600];
const uploadSeconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * All metrics. Tests compare `docs/metrics.md`, the dashboards and the alerts with this table. Keep the number of label
 * values small: models come from the configuration, routes are templates.
 */
const table = {
  darkroom_build_info: gauge(
    both,
    ['process', 'version', 'node'],
    'Always 1. The labels give the process, its version and the Node.js version.',
  ),
  darkroom_start_time_seconds: gauge(both, [], 'Start time of the process, in Unix seconds.'),
  darkroom_resident_memory_bytes: gauge(both, [], 'Resident memory of the process (RSS).'),
  darkroom_cpu_seconds_total: counter(both, [], 'CPU time used by the process, user and system.'),
  darkroom_event_loop_delay_seconds: gauge(
    both,
    ['quantile'],
    'Event loop delay since the last scrape: median, 99th percentile and maximum.',
  ),
  darkroom_errors_total: counter(both, ['fact'], 'Facts with level error or fatal, by name.'),
  darkroom_database_up: gauge(both, [], '1 if the database was reachable at this scrape.'),
  darkroom_reading_up: gauge(
    both,
    [],
    '1 if the database returned its reading at this scrape. If 0, the system metrics that come from the database are left out.',
  ),
  darkroom_queue_up: gauge(both, [], '1 if the queue answered at this scrape.'),

  darkroom_http_request_seconds: histogram(
    api,
    ['method', 'route', 'status'],
    requestSeconds,
    'Duration of requests, from the first byte read to the response; for a stream, to its start. Successful health checks are left out.',
  ),
  darkroom_jobs_accepted_total: counter(
    api,
    [],
    'Accepted jobs. Repeats of the same request are not counted.',
  ),
  darkroom_streams_open: gauge(
    api,
    [],
    'Open streams and long-polling requests that follow a job or a user.',
  ),

  darkroom_worker_ready: gauge(worker, [], '1 while the worker holds its lease and takes jobs.'),
  darkroom_worker_jobs: gauge(worker, [], 'Jobs that the worker is running.'),
  darkroom_worker_concurrency: gauge(
    worker,
    [],
    'Maximum number of jobs that the worker runs at once (WORKER_CONCURRENCY).',
  ),
  darkroom_job_wait_seconds: histogram(
    worker,
    [],
    waitSeconds,
    'Time from the acceptance of a job to its first claim.',
  ),
  darkroom_job_total_seconds: histogram(
    worker,
    ['status'],
    jobSeconds,
    'Time from the acceptance of a job until a worker completed or failed it.',
  ),
  darkroom_runs_total: counter(
    worker,
    ['outcome', 'code'],
    'Runs of jobs by outcome: completed, failed, retried, released or lost. The code gives the reason.',
  ),
  darkroom_model_call_seconds: histogram(
    worker,
    ['model'],
    modelSeconds,
    'Duration of model calls, including failed ones.',
  ),
  darkroom_model_calls_total: counter(
    worker,
    ['model', 'code'],
    'Model calls by result: ok or the error code.',
  ),
  darkroom_model_fallbacks_total: counter(
    worker,
    ['model'],
    'Images that this model generated instead of the requested model.',
  ),
  darkroom_breaker_state: gauge(
    worker,
    ['model', 'state'],
    'State of the circuit breaker of a model: 1 for the current state, 0 for the others (closed, open or half_open).',
  ),
  darkroom_provider_misconfigured_total: counter(
    worker,
    [],
    'Runs that ended because the image service rejected our key or project.',
  ),
  darkroom_upload_seconds: histogram(
    worker,
    [],
    uploadSeconds,
    'Time to store an image and its thumbnail, including retries.',
  ),
  darkroom_lease_losses_total: counter(
    worker,
    [],
    'Leases that were not renewed in time. The worker gave up all its jobs.',
  ),
  darkroom_sweep_rows_total: counter(
    worker,
    ['kind'],
    'Jobs that the sweep handled: due (delivered), lost_deliveries (delivered again), lapsed (taken from a lost worker), overdue and crashed (failed and refunded), cancel_after (canceled at the requested time).',
  ),
  darkroom_maintenance_failures_total: counter(
    worker,
    ['loop'],
    'Failed maintenance passes, by loop: sweep or removal.',
  ),
  darkroom_queue_emptied_total: counter(
    worker,
    [],
    'Number of times the queue was found empty after data loss.',
  ),
  darkroom_webhooks_sent_total: counter(
    worker,
    ['result'],
    'Webhook delivery attempts by result: delivered, retried or failed.',
  ),

  darkroom_queue_deliveries: gauge(
    system,
    ['state'],
    'Deliveries in the queue: waiting, active, delayed, failed or completed.',
  ),
  darkroom_queue_paused: gauge(
    system,
    [],
    '1 while an operator has paused the queue. No worker takes deliveries then.',
  ),
  darkroom_jobs: gauge(system, ['status'], 'Jobs that have not ended: pending or processing.'),
  darkroom_jobs_ended_total: counter(
    system,
    ['status', 'code'],
    'Ended jobs, by status and error code (none if there is no error).',
  ),
  darkroom_oldest_pending_age_seconds: gauge(
    system,
    [],
    'How long the oldest runnable job has waited for a worker; 0 if none waits. Use it to scale workers.',
  ),
  darkroom_oldest_unfinished_age_seconds: gauge(
    system,
    [],
    'Age of the oldest job that has not ended; 0 if there is none.',
  ),
  darkroom_overdue_seconds: gauge(
    system,
    [],
    'Longest time that an unfinished job is past its deadline. The sweep keeps it near 0.',
  ),
  darkroom_refunds_total: counter(system, ['code'], 'Refunded jobs, by error code.'),
  darkroom_unsettled_refunds: gauge(
    system,
    [],
    'Jobs that failed or were canceled in the last day and have no refund in the ledger. Must be 0.',
  ),
  darkroom_credits_total: counter(
    system,
    ['kind', 'direction'],
    'Credits booked, by kind and direction: in (to users) or out (from users).',
  ),
  darkroom_ledger_drift_credits: gauge(
    system,
    [],
    'Sum of all balances minus the sum of the ledger. Must be 0.',
  ),
  darkroom_audit_problems: gauge(
    system,
    [],
    'Rows in credit_audit at its last reading. It is read every 15 minutes. Must be 0.',
  ),
  darkroom_audit_age_seconds: gauge(system, [], 'Time since credit_audit was last read completely.'),
  darkroom_webhook_lag_seconds: gauge(
    system,
    [],
    'How long the oldest due webhook has waited to be sent; 0 if none is due.',
  ),
  darkroom_workers: gauge(system, [], 'Workers that hold a lease.'),
  darkroom_reading_age_seconds: gauge(
    system,
    [],
    'Age of the database reading behind the system metrics. All processes share one reading for 10 s.',
  ),
} satisfies Record<`darkroom_${string}`, Entry>;

export type MetricName = keyof typeof table;

/** The names of one type of metric. */
export type MetricOf<Type extends Entry['type']> = {
  [Name in MetricName]: (typeof table)[Name]['type'] extends Type ? Name : never;
}[MetricName];

/** The labels of a metric, each with a value. */
export type LabelsOf<Name extends MetricName> = Record<(typeof table)[Name]['labels'][number], string>;

export type MetricEntry = Entry;

/** Type, help and labels of every metric, by name. */
export const catalog: Readonly<Record<MetricName, Entry>> = table;

function counter<const Labels extends readonly string[]>(where: Where, labels: Labels, help: string) {
  return { ...where, type: 'counter', labels, help } as const;
}

function gauge<const Labels extends readonly string[]>(where: Where, labels: Labels, help: string) {
  return { ...where, type: 'gauge', labels, help } as const;
}

function histogram<const Labels extends readonly string[]>(
  where: Where,
  labels: Labels,
  buckets: readonly number[],
  help: string,
) {
  return { ...where, type: 'histogram', labels, buckets, help } as const;
}
