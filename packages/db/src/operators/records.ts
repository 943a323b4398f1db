import type { FailureCode } from '@darkroom/core/job/failure';
import type { Job, JobStatus } from '@darkroom/core/job/job';
import type { Delivery, Order } from '@darkroom/core/queue/queue';
import type { LedgerEntry, Subscription, User, WebhookDelivery, WebhookOutcome } from '../records.ts';

/** How a job is being run, as only operators see it. Times are ISO 8601. */
export interface JobRun {
  active: boolean;
  price: number;
  attempt: number;
  worker_id: string | null;
  claimed_at: string | null;
  run_at: string;
  delivery: number;
  delivered_at: string | null;
  priority: number;
  losses: number;
  counted_retries: number;
  past_failures: FailureCode[];
  model_calls: number;
  attempts_log: { model: string; code?: string; ms?: number }[];
  cause: string | null;
}

/** A job with its run. */
export interface OperatedJob extends Job {
  run: JobRun | null;
}

export interface JobFilter {
  status: JobStatus | null;
  userId: string | null;
  /** Made before this time, ISO 8601. */
  before: string | null;
  oldestFirst: boolean;
  limit: number;
}

/** A job with all that hangs on it. */
export interface JobFile {
  job: OperatedJob;
  ledger: LedgerEntry[];
  webhooks: WebhookDelivery[];
}

/** A user with what an operator asks about first. */
export interface UserFile {
  user: User;
  deleted: boolean;
  subscription: Subscription | null;
  /** The latest movements, newest first. */
  ledger: LedgerEntry[];
  /** Jobs that have not ended, newest first. */
  active: OperatedJob[];
}

export type Requeued =
  | { kind: 'due'; delivery: Delivery & Order }
  /** A worker has it until its lease is over. */
  | { kind: 'in_hand'; workerId: string; leaseMs: number };

/** A job whose refund is booked. */
export interface SettledJob {
  user_id: string;
  status: 'failed' | 'canceled';
  /** Booked now; 0 when nothing was owed. */
  refunded: number;
  balance: number | null;
}

/** What one pass of the sweeper would do to a job. */
export interface PlannedStep {
  what: 'cancel' | 'fail_overdue' | 'fail_crashed' | 'take_back' | 'deliver';
  job_id: string;
  user_id: string;
  /** Since when it has been due, ISO 8601. */
  since: string;
}

/** A reported event that wants an operator. */
export interface UnresolvedEvent {
  source: 'clerk' | 'stripe';
  id: string;
  type: string;
  outcome: WebhookOutcome;
  user_id: string | null;
  note: string | null;
  received_at: string;
}

/** A webhook to an app that was given up. */
export interface FailedDelivery extends Omit<WebhookDelivery, 'url'> {
  job_id: string;
  user_id: string;
  host: string;
}

export interface JobTimes {
  id: string;
  status: JobStatus;
  error_code: string | null;
  created_at: string;
  started_at: string | null;
  completed_at: string | null;
}

/** The doctor's look at the database. */
export interface DatabaseReport {
  /** ISO 8601, by the database's clock. */
  now: string;
  postgres: string;
  /** Names of the numbered migrations that were applied, in order. */
  migrations: string[];
  /** Number of the latest release that migrated this database. */
  release: number;
  /** Of the states of `migrations/` that it was brought to under that number, the latest first. */
  checksums: string[];
  missing_functions: string[];
  closed_functions: string[];
  open_functions: string[];
  open_tables: string[];
  /** With a live lease. */
  workers: number;
  waiting: number;
  running: number;
  /** How long the first of the line has been due; null when nothing is. */
  oldest_due_ms: number | null;
  unresolved_events: number;
}
