/** The severity of a fact. `fatal` is for problems that only an operator can fix. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

interface Wording {
  level: LogLevel;
  message: string;
}

/**
 * The level and message of every fact. Code logs a fact by name, with fields. To add a fact, add a line here.
 */
const table = {
  // Jobs.
  job_claimed: { level: 'info', message: 'Claimed a job' },
  job_completed: { level: 'info', message: 'Completed a job' },
  job_retried: { level: 'warn', message: 'A job attempt failed and will be retried' },
  job_failed: { level: 'warn', message: 'A job failed and was refunded' },
  job_canceled: { level: 'info', message: 'A job was canceled and refunded' },
  job_released: { level: 'info', message: 'Released a job; the attempt does not count' },
  job_lost: { level: 'warn', message: 'Lost the claim on a job; nothing was written' },
  job_cut_short: {
    level: 'warn',
    message: 'The time to stop ended before a job was settled; another worker will take it over',
  },
  job_created: { level: 'info', message: 'Accepted a job' },
  job_not_claimed: { level: 'debug', message: 'Dropped a delivery; its job does not need to run' },

  // Models.
  model_call_ok: { level: 'info', message: 'A model returned an image' },
  model_call_failed: { level: 'warn', message: 'A model call failed' },
  breaker_opened: { level: 'warn', message: 'Opened the circuit breaker of a model; its calls are paused' },
  breaker_closed: { level: 'info', message: 'Closed the circuit breaker of a model; its calls resume' },
  provider_misconfigured: {
    level: 'fatal',
    message:
      'The image service rejects our key or project: check GEMINI_API_KEY, its restrictions and billing',
  },

  // Storage.
  image_stored: { level: 'debug', message: 'Stored an image and its thumbnail' },
  storage_retried: { level: 'warn', message: 'Storing an object failed and will be retried' },
  storage_unavailable: { level: 'error', message: 'The object store is unreachable' },
  orphans_removed: { level: 'info', message: 'Removed objects that no row references' },
  objects_removed: { level: 'info', message: 'Removed objects of deleted images and accounts' },

  // Queue.
  queue_unavailable: {
    level: 'error',
    message: 'The queue is unreachable; the sweep will deliver the jobs later',
  },
  queue_recovered: { level: 'info', message: 'The queue is reachable again' },
  queue_error: { level: 'warn', message: 'The queue reported an error' },
  queue_emptied: { level: 'warn', message: 'The queue was emptied; open jobs are delivered again' },
  delivery_handler_failed: {
    level: 'error',
    message: 'A delivery handler threw an error; the job row decides the next step',
  },
  delivery_lock_lost: { level: 'warn', message: 'The queue lost the lock on running deliveries' },

  // Database.
  database_unavailable: { level: 'error', message: 'The database is unreachable' },
  database_recovered: { level: 'info', message: 'The database is reachable again' },

  // Worker.
  worker_started: { level: 'info', message: 'The worker started' },
  worker_stopping: { level: 'info', message: 'The worker takes no new jobs and finishes its running jobs' },
  worker_stopped: { level: 'info', message: 'The worker stopped' },
  lease_lost: { level: 'error', message: 'The worker could not renew its lease and gave up its jobs' },
  sweep_finished: { level: 'info', message: 'Finished a sweep' },
  maintenance_failed: { level: 'warn', message: 'A maintenance pass failed; the next pass will retry' },
  webhook_delivered: { level: 'info', message: 'Delivered a webhook' },
  webhook_retried: { level: 'info', message: 'A webhook delivery failed and will be retried' },
  webhook_failed: { level: 'warn', message: 'A webhook was not delivered; no further attempts' },

  // API.
  api_started: { level: 'info', message: 'The API started' },
  api_stopping: { level: 'info', message: 'The API accepts no new requests' },
  api_stopped: { level: 'info', message: 'The API stopped' },
  proxy_not_trusted: {
    level: 'warn',
    message: 'Requests come through a proxy that is not in TRUSTED_PROXIES: its clients share one rate limit',
  },
  request_finished: { level: 'info', message: 'Finished a request' },
  webhook_received: { level: 'info', message: 'Received a webhook' },
  webhook_unresolved: {
    level: 'error',
    message: 'Received a webhook that an operator must check: see webhook_events',
  },
  webhook_rejected: { level: 'warn', message: 'Rejected a webhook' },

  // Traces.
  traces_lost: { level: 'warn', message: 'Traces could not be sent and were dropped' },

  // Other.
  configuration_warning: {
    level: 'warn',
    message: 'A setting has no effect, or costs money, combined with another one',
  },
  unexpected_error: { level: 'error', message: 'Unexpected error' },
  process_crashed: { level: 'fatal', message: 'The process crashed and exits' },
} as const satisfies Record<string, Wording>;

/** The name of a fact that can be logged. */
export type FactName = keyof typeof table;

/** Level and message of every fact, by name. */
export const facts: Readonly<Record<FactName, Wording>> = table;
