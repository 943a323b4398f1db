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

const both = ['api', 'worker'] as const;
const worker = ['worker'] as const;
const api = ['api'] as const;

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
  darkroom_build_info: {
    type: 'gauge',
    help: 'Always 1; the labels say what runs.',
    labels: ['process', 'version', 'node'],
    scope: 'process',
    of: both,
  },
  darkroom_start_time_seconds: {
    type: 'gauge',
    help: 'When the process started, as Unix time.',
    labels: [],
    scope: 'process',
    of: both,
  },
  darkroom_resident_memory_bytes: {
    type: 'gauge',
    help: 'Memory that the process holds (RSS).',
    labels: [],
    scope: 'process',
    of: both,
  },
  darkroom_cpu_seconds_total: {
    type: 'counter',
    help: 'CPU time that the process used.',
    labels: [],
    scope: 'process',
    of: both,
  },
  darkroom_event_loop_delay_seconds: {
    type: 'gauge',
    help: 'How much later than asked for timers fired since the last scrape: median, 99th percentile and maximum.',
    labels: ['quantile'],
    scope: 'process',
    of: both,
  },
  darkroom_errors_total: {
    type: 'counter',
    help: 'Facts that were logged as error or fatal, by name.',
    labels: ['fact'],
    scope: 'process',
    of: both,
  },
  darkroom_database_up: {
    type: 'gauge',
    help: '1 when the database answered this scrape; without it the metrics of scope system are left out.',
    labels: [],
    scope: 'process',
    of: both,
  },
  darkroom_queue_up: {
    type: 'gauge',
    help: '1 when the queue answered this scrape.',
    labels: [],
    scope: 'process',
    of: both,
  },

  darkroom_http_request_seconds: {
    type: 'histogram',
    help: 'Requests, from the first byte read to the answer; a stream until it began. Health checks that went well are left out.',
    labels: ['method', 'route', 'status'],
    buckets: requestSeconds,
    scope: 'process',
    of: api,
  },
  darkroom_jobs_accepted_total: {
    type: 'counter',
    help: 'Jobs that were accepted; repeats of the same request are not counted.',
    labels: [],
    scope: 'process',
    of: api,
  },
  darkroom_streams_open: {
    type: 'gauge',
    help: 'Streams and held requests that follow a job or a user.',
    labels: [],
    scope: 'process',
    of: api,
  },

  darkroom_worker_ready: {
    type: 'gauge',
    help: '1 while the worker holds its lease and takes jobs.',
    labels: [],
    scope: 'process',
    of: worker,
  },
  darkroom_worker_jobs: {
    type: 'gauge',
    help: 'Jobs in hand.',
    labels: [],
    scope: 'process',
    of: worker,
  },
  darkroom_worker_concurrency: {
    type: 'gauge',
    help: 'Jobs that the worker takes at once (WORKER_CONCURRENCY).',
    labels: [],
    scope: 'process',
    of: worker,
  },
  darkroom_job_wait_seconds: {
    type: 'histogram',
    help: 'From the acceptance of a job to its first claim.',
    labels: [],
    buckets: waitSeconds,
    scope: 'process',
    of: worker,
  },
  darkroom_job_total_seconds: {
    type: 'histogram',
    help: 'From the acceptance of a job to the end that a worker gave it.',
    labels: ['status'],
    buckets: jobSeconds,
    scope: 'process',
    of: worker,
  },
  darkroom_runs_total: {
    type: 'counter',
    help: 'Runs of jobs by how they ended: completed, failed, retried, released or lost; the code says why.',
    labels: ['outcome', 'code'],
    scope: 'process',
    of: worker,
  },
  darkroom_model_call_seconds: {
    type: 'histogram',
    help: 'Calls of a model, those that failed included.',
    labels: ['model'],
    buckets: modelSeconds,
    scope: 'process',
    of: worker,
  },
  darkroom_model_calls_total: {
    type: 'counter',
    help: 'Calls of a model by how they ended: ok or the code of the failure.',
    labels: ['model', 'code'],
    scope: 'process',
    of: worker,
  },
  darkroom_model_fallbacks_total: {
    type: 'counter',
    help: 'Pictures that this model made in place of the one that was asked for.',
    labels: ['model'],
    scope: 'process',
    of: worker,
  },
  darkroom_breaker_state: {
    type: 'gauge',
    help: '1 for the state that the breaker of a model is in, 0 for the others: closed, open or half_open.',
    labels: ['model', 'state'],
    scope: 'process',
    of: worker,
  },
  darkroom_provider_misconfigured_total: {
    type: 'counter',
    help: 'Runs that ended because the image service refused our key or project.',
    labels: [],
    scope: 'process',
    of: worker,
  },
  darkroom_upload_seconds: {
    type: 'histogram',
    help: 'Storing a picture and its thumbnail, repeats included.',
    labels: [],
    buckets: uploadSeconds,
    scope: 'process',
    of: worker,
  },
  darkroom_lease_losses_total: {
    type: 'counter',
    help: 'Leases that could not be renewed in time; all jobs in hand were given up.',
    labels: [],
    scope: 'process',
    of: worker,
  },
  darkroom_sweep_rows_total: {
    type: 'counter',
    help: 'What sweeping put right: due (delivered), lost_deliveries, lapsed (taken from a lost worker), overdue and crashed (failed and refunded), cancel_after (canceled as asked).',
    labels: ['kind'],
    scope: 'process',
    of: worker,
  },
  darkroom_sweep_failures_total: {
    type: 'counter',
    help: 'Sweeps that ended in an error.',
    labels: [],
    scope: 'process',
    of: worker,
  },
  darkroom_queue_emptied_total: {
    type: 'counter',
    help: 'Times that the queue was found emptied.',
    labels: [],
    scope: 'process',
    of: worker,
  },
  darkroom_webhooks_sent_total: {
    type: 'counter',
    help: 'Webhooks by what became of an attempt: delivered, retried or failed.',
    labels: ['result'],
    scope: 'process',
    of: worker,
  },

  darkroom_queue_deliveries: {
    type: 'gauge',
    help: 'Deliveries in the queue: waiting, active, delayed, failed or completed.',
    labels: ['state'],
    scope: 'system',
    of: both,
  },
  darkroom_jobs: {
    type: 'gauge',
    help: 'Jobs that have not ended: pending or processing.',
    labels: ['status'],
    scope: 'system',
    of: both,
  },
  darkroom_jobs_ended_total: {
    type: 'counter',
    help: 'Jobs that ended, by status and error code (none where there is none).',
    labels: ['status', 'code'],
    scope: 'system',
    of: both,
  },
  darkroom_oldest_pending_age_seconds: {
    type: 'gauge',
    help: 'How long the oldest job that could run has waited for a worker; 0 when none waits. Scale by it.',
    labels: [],
    scope: 'system',
    of: both,
  },
  darkroom_oldest_unfinished_age_seconds: {
    type: 'gauge',
    help: 'Age of the oldest job that has not ended; 0 when there is none.',
    labels: [],
    scope: 'system',
    of: both,
  },
  darkroom_overdue_seconds: {
    type: 'gauge',
    help: 'How far a job that has not ended is past its deadline, at the most. Sweeping keeps it near 0.',
    labels: [],
    scope: 'system',
    of: both,
  },
  darkroom_refunds_total: {
    type: 'counter',
    help: 'Jobs that were refunded, by error code.',
    labels: ['code'],
    scope: 'system',
    of: both,
  },
  darkroom_unsettled_refunds: {
    type: 'gauge',
    help: 'Jobs that failed or were canceled within a day and have no refund in the ledger. Must be 0.',
    labels: [],
    scope: 'system',
    of: both,
  },
  darkroom_credits_total: {
    type: 'counter',
    help: 'Credits booked, by kind of movement and direction: in to users or out of them.',
    labels: ['kind', 'direction'],
    scope: 'system',
    of: both,
  },
  darkroom_ledger_drift_credits: {
    type: 'gauge',
    help: 'Sum of all balances less the sum of the ledger. Must be 0.',
    labels: [],
    scope: 'system',
    of: both,
  },
  darkroom_audit_problems: {
    type: 'gauge',
    help: 'Rows of credit_audit when it was last read, which happens every 15 minutes. Must be 0.',
    labels: [],
    scope: 'system',
    of: both,
  },
  darkroom_audit_age_seconds: {
    type: 'gauge',
    help: 'Time since credit_audit was last read to its end.',
    labels: [],
    scope: 'system',
    of: both,
  },
  darkroom_webhook_lag_seconds: {
    type: 'gauge',
    help: 'How long the oldest webhook that is due has waited to be sent; 0 when none is due.',
    labels: [],
    scope: 'system',
    of: both,
  },
  darkroom_workers: {
    type: 'gauge',
    help: 'Workers that hold a lease.',
    labels: [],
    scope: 'system',
    of: both,
  },
  darkroom_reading_age_seconds: {
    type: 'gauge',
    help: 'Age of the reading that the metrics of scope system show; one serves everyone for 10 s.',
    labels: [],
    scope: 'system',
    of: both,
  },
} as const satisfies Record<`darkroom_${string}`, Entry>;

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
