/** Which process shows a metric. */
export type MetricsProcess = 'api' | 'worker';

interface Entry {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: readonly string[];
  /** Upper bounds, in the unit of the name. */
  buckets?: readonly number[];
  /**
   * `process`: what this process did; sum it over all. `system`: the same from every process, read from the database;
   * take the maximum over all.
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
 * Every metric there is: the only place where one is named. `docs/metrics.md` shows this table, and dashboards and
 * alerts are checked against it. A label takes few values: models are those of the configuration, routes are templates.
 */
const table = {
  darkroom_build_info: gauge(both, ['process', 'version', 'node'], 'Always 1; the labels say what runs.'),
  darkroom_start_time_seconds: gauge(both, [], 'When the process started, as Unix time.'),
  darkroom_resident_memory_bytes: gauge(both, [], 'Memory that the process holds (RSS).'),
  darkroom_cpu_seconds_total: counter(both, [], 'CPU time that the process used.'),
  darkroom_event_loop_delay_seconds: gauge(
    both,
    ['quantile'],
    'How much later than asked for timers fired since the last scrape: median, 99th percentile and maximum.',
  ),
  darkroom_errors_total: counter(both, ['fact'], 'Facts that were logged as error or fatal, by name.'),
  darkroom_database_up: gauge(both, [], '1 when the database could be reached at this scrape.'),
  darkroom_reading_up: gauge(
    both,
    [],
    '1 when the database gave its reading at this scrape; without it the metrics of scope system that it tells are left out.',
  ),
  darkroom_queue_up: gauge(both, [], '1 when the queue answered this scrape.'),

  darkroom_http_request_seconds: histogram(
    api,
    ['method', 'route', 'status'],
    requestSeconds,
    'Requests, from the first byte read to the answer; a stream until it began. Health checks that went well are left out.',
  ),
  darkroom_jobs_accepted_total: counter(
    api,
    [],
    'Jobs that were accepted; repeats of the same request are not counted.',
  ),
  darkroom_streams_open: gauge(api, [], 'Streams and held requests that follow a job or a user.'),

  darkroom_worker_ready: gauge(worker, [], '1 while the worker holds its lease and takes jobs.'),
  darkroom_worker_jobs: gauge(worker, [], 'Jobs in hand.'),
  darkroom_worker_concurrency: gauge(worker, [], 'Jobs that the worker takes at once (WORKER_CONCURRENCY).'),
  darkroom_job_wait_seconds: histogram(
    worker,
    [],
    waitSeconds,
    'From the acceptance of a job to its first claim.',
  ),
  darkroom_job_total_seconds: histogram(
    worker,
    ['status'],
    jobSeconds,
    'From the acceptance of a job to the end that a worker gave it.',
  ),
  darkroom_runs_total: counter(
    worker,
    ['outcome', 'code'],
    'Runs of jobs by how they ended: completed, failed, retried, released or lost; the code says why.',
  ),
  darkroom_model_call_seconds: histogram(
    worker,
    ['model'],
    modelSeconds,
    'Calls of a model, those that failed included.',
  ),
  darkroom_model_calls_total: counter(
    worker,
    ['model', 'code'],
    'Calls of a model by how they ended: ok or the code of the failure.',
  ),
  darkroom_model_fallbacks_total: counter(
    worker,
    ['model'],
    'Images that this model made in place of the one that was asked for.',
  ),
  darkroom_breaker_state: gauge(
    worker,
    ['model', 'state'],
    '1 for the state that the breaker of a model is in, 0 for the others: closed, open or half_open.',
  ),
  darkroom_provider_misconfigured_total: counter(
    worker,
    [],
    'Runs that ended because the image service refused our key or project.',
  ),
  darkroom_upload_seconds: histogram(
    worker,
    [],
    uploadSeconds,
    'Storing an image and its thumbnail, repeats included.',
  ),
  darkroom_lease_losses_total: counter(
    worker,
    [],
    'Leases that could not be renewed in time; all jobs in hand were given up.',
  ),
  darkroom_sweep_rows_total: counter(
    worker,
    ['kind'],
    'What sweeping put right: due (delivered), lost_deliveries, lapsed (taken from a lost worker), overdue and crashed (failed and refunded), cancel_after (canceled as asked).',
  ),
  darkroom_maintenance_failures_total: counter(
    worker,
    ['loop'],
    'Maintenance passes that failed, by loop: sweep or removal.',
  ),
  darkroom_queue_emptied_total: counter(worker, [], 'Times that the queue was found emptied.'),
  darkroom_webhooks_sent_total: counter(
    worker,
    ['result'],
    'Webhooks by what became of an attempt: delivered, retried or failed.',
  ),

  darkroom_queue_deliveries: gauge(
    system,
    ['state'],
    'Deliveries in the queue: waiting, active, delayed, failed or completed.',
  ),
  darkroom_queue_paused: gauge(
    system,
    [],
    '1 while an operator has paused the queue: no worker takes a delivery.',
  ),
  darkroom_jobs: gauge(system, ['status'], 'Jobs that have not ended: pending or processing.'),
  darkroom_jobs_ended_total: counter(
    system,
    ['status', 'code'],
    'Jobs that ended, by status and error code (none where there is none).',
  ),
  darkroom_oldest_pending_age_seconds: gauge(
    system,
    [],
    'How long the oldest job that could run has waited for a worker; 0 when none waits. Scale by it.',
  ),
  darkroom_oldest_unfinished_age_seconds: gauge(
    system,
    [],
    'Age of the oldest job that has not ended; 0 when there is none.',
  ),
  darkroom_overdue_seconds: gauge(
    system,
    [],
    'How far a job that has not ended is past its deadline, at the most. Sweeping keeps it near 0.',
  ),
  darkroom_refunds_total: counter(system, ['code'], 'Jobs that were refunded, by error code.'),
  darkroom_unsettled_refunds: gauge(
    system,
    [],
    'Jobs that failed or were canceled within a day and have no refund in the ledger. Must be 0.',
  ),
  darkroom_credits_total: counter(
    system,
    ['kind', 'direction'],
    'Credits booked, by kind of movement and direction: in to users or out of them.',
  ),
  darkroom_ledger_drift_credits: gauge(
    system,
    [],
    'Sum of all balances less the sum of the ledger. Must be 0.',
  ),
  darkroom_audit_problems: gauge(
    system,
    [],
    'Rows of credit_audit when it was last read, which happens every 15 minutes. Must be 0.',
  ),
  darkroom_audit_age_seconds: gauge(system, [], 'Time since credit_audit was last read to its end.'),
  darkroom_webhook_lag_seconds: gauge(
    system,
    [],
    'How long the oldest webhook that is due has waited to be sent; 0 when none is due.',
  ),
  darkroom_workers: gauge(system, [], 'Workers that hold a lease.'),
  darkroom_reading_age_seconds: gauge(
    system,
    [],
    'Age of the reading that the metrics of scope system show; one serves everyone for 10 s.',
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
