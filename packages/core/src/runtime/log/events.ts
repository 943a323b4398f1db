/** How loudly a fact is told. `fatal` is for what only an operator can mend. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

interface Wording {
  level: LogLevel;
  message: string;
}

/**
 * All wording of the log. Code tells facts by name, with fields; what a fact is worth and how it reads
 * is decided here. To add a fact, add a line.
 */
const table = {
  // A job's life.
  job_claimed: { level: 'info', message: 'Claimed a job' },
  job_completed: { level: 'info', message: 'Completed a job' },
  job_retried: { level: 'warn', message: 'A job will run again later' },
  job_failed: { level: 'warn', message: 'A job failed and was refunded' },
  job_canceled: { level: 'info', message: 'A job was canceled and refunded' },
  job_released: { level: 'info', message: 'Gave a job back, its attempt is not counted' },
  job_lost: { level: 'warn', message: 'A job is no longer this worker’s, nothing was written' },
  job_cut_short: {
    level: 'warn',
    message: 'The time to stop was over before a job was dealt with; the other workers make up for it',
  },
  job_created: { level: 'info', message: 'Accepted a job' },
  job_not_claimed: { level: 'debug', message: 'Dropped a delivery, its job needs nothing' },

  // Models.
  model_call_ok: { level: 'info', message: 'A model answered with an image' },
  model_call_failed: { level: 'warn', message: 'A model call failed' },
  breaker_opened: { level: 'warn', message: 'Stopped asking a model for a while' },
  breaker_closed: { level: 'info', message: 'A model is asked again' },
  provider_misconfigured: {
    level: 'fatal',
    message:
      'The image service refuses our key or project: check GEMINI_API_KEY, its restrictions and billing',
  },

  // Storage.
  image_stored: { level: 'debug', message: 'Stored an image and its thumbnail' },
  storage_retried: { level: 'warn', message: 'Storing failed and is tried again' },
  storage_unavailable: { level: 'error', message: 'The object store cannot be reached' },
  orphans_removed: { level: 'info', message: 'Removed objects that no row names' },
  objects_removed: { level: 'info', message: 'Removed objects of deleted images and accounts' },

  // Queue.
  queue_unavailable: { level: 'error', message: 'The queue cannot be reached; the sweeper delivers later' },
  queue_recovered: { level: 'info', message: 'The queue can be reached again' },
  queue_error: { level: 'warn', message: 'The queue reported an error' },
  queue_emptied: { level: 'warn', message: 'The queue was emptied; open jobs are delivered anew' },
  delivery_handler_failed: {
    level: 'error',
    message: 'Handling a delivery threw; the row decides what follows',
  },
  delivery_lock_lost: { level: 'warn', message: 'The queue lost track of running deliveries' },

  // Database.
  database_unavailable: { level: 'error', message: 'The database cannot be reached' },
  database_recovered: { level: 'info', message: 'The database can be reached again' },

  // Worker.
  worker_started: { level: 'info', message: 'The worker takes jobs' },
  worker_stopping: { level: 'info', message: 'The worker takes no further jobs and finishes those it has' },
  worker_stopped: { level: 'info', message: 'The worker stopped' },
  lease_lost: { level: 'error', message: 'The worker could not renew its lease and gave up its jobs' },
  sweep_finished: { level: 'info', message: 'Swept' },
  maintenance_failed: { level: 'warn', message: 'A maintenance pass failed; the next one tries again' },
  webhook_delivered: { level: 'info', message: 'Delivered a webhook' },
  webhook_retried: { level: 'info', message: 'A webhook was not taken and is sent again later' },
  webhook_failed: { level: 'warn', message: 'A webhook could not be delivered' },

  // API.
  api_started: { level: 'info', message: 'The API answers' },
  api_stopping: { level: 'info', message: 'The API takes no further requests' },
  api_stopped: { level: 'info', message: 'The API stopped' },
  proxy_not_trusted: {
    level: 'warn',
    message: 'Requests come through a proxy that is not among TRUSTED_PROXIES: all behind it are one sender',
  },
  request_finished: { level: 'info', message: 'Answered a request' },
  webhook_received: { level: 'info', message: 'Took in a webhook' },
  webhook_unresolved: {
    level: 'error',
    message: 'Took in a webhook that an operator should look at: see webhook_events',
  },
  webhook_rejected: { level: 'warn', message: 'Refused a webhook' },

  // Traces.
  traces_lost: { level: 'warn', message: 'Traces could not be sent and were dropped' },

  // Anything else.
  configuration_warning: { level: 'warn', message: 'A setting has no effect or a cost beside another one' },
  unexpected_error: { level: 'error', message: 'Something unexpected happened' },
  process_crashed: { level: 'fatal', message: 'The process cannot go on and exits' },
} as const satisfies Record<string, Wording>;

/** The name of a fact that can be logged. */
export type FactName = keyof typeof table;

/** Level and message of every fact, by name. */
export const facts: Readonly<Record<FactName, Wording>> = table;
