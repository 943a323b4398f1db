import type { FailureCode } from '@darkroom/core/job/failure';
import type { Job, JobStatus } from '@darkroom/core/job/job';
import type { Delivery, Order } from '@darkroom/core/queue/queue';
import type { JobWebhook, WebhookEvent } from '@darkroom/core/webhook/events';

export interface User {
  id: string;
  email: string;
  credits: number;
  created_at: string;
}

export interface Subscription {
  status: string;
  price_id: string | null;
  current_period_end: string | null;
}

export interface LedgerEntry {
  id: string;
  job_id: string | null;
  kind: string;
  amount: number;
  balance_after: number;
  reference: string;
  reason: string | null;
  created_at: string;
}

/** An image in the gallery: of a job, or written by the native app. */
export interface Image {
  id: string;
  image_url: string;
  thumbnail_url: string | null;
  prompt: string | null;
  job_id: string | null;
  width: number | null;
  height: number | null;
  model: string | null;
  created_at: string;
}

/** A saved prompt. */
export interface Prompt extends PromptFields {
  id: string;
  created_at: string;
}

export interface PromptFields {
  prompt_text: string;
  title: string | null;
  thumbnail_url: string | null;
  secondary_image_url: string | null;
}

/** An object in the store, by its key, and when it was written (ISO 8601). */
export interface StoredObject {
  key: string;
  modifiedAt: string;
}

/** What is to be removed from the store; given to one caller at a time, and again later unless it is confirmed. */
export interface Cleaning {
  /** Of images whose row is gone: `confirmRemoved`. */
  keys: string[];
  /** Deleted accounts: everything of theirs, then `continueErasure`. */
  userIds: string[];
  /** Where the search for objects that no row names goes on, then `endOrphanTurn`; null when it is not this caller's turn. */
  orphans: { after: string | null } | null;
}

/** A change of a user, as Clerk reports it. Times are ISO 8601. */
export interface ClerkEvent {
  id: string;
  type: 'user.created' | 'user.updated' | 'user.deleted';
  createdAt: string;
  userId: string;
  /** Verified, or null. */
  email: string | null;
  /** When the user was changed. */
  changedAt: string;
}

/** What one of Stripe's events means here. Times are ISO 8601. */
export interface StripeEvent {
  id: string;
  type: string;
  createdAt: string;
  customer: string | null;
  /** Whom the event itself names. */
  userId: string | null;
  purchase: StripePurchase | null;
  subscription: StripeSubscription | null;
}

export interface StripePurchase {
  /** Credits are booked once for it, however many events tell of it. */
  reference: string;
  credits: number;
  reason: string;
  /** Paid for, but not in the price list. */
  unknownPrices: string[];
  /** For the operator. */
  note: string | null;
}

export interface StripeSubscription {
  id: string;
  status: string;
  priceId: string | null;
  currentPeriodEnd: string | null;
  /** Which of two events of the same second is the later one. */
  rank: number;
}

/** What became of a reported event. The last three want an operator. */
export type WebhookOutcome =
  | 'applied'
  | 'ignored'
  | 'stale'
  | 'email_taken'
  | 'unknown_user'
  | 'unknown_price'
  | 'deleted_user';

export interface TakenEvent {
  outcome: WebhookOutcome;
  /** It was taken in before; nothing was done now. */
  repeated: boolean;
  user_id?: string | null;
  note?: string | null;
}

/** The shape of every list. `next_cursor` is opaque; null at the end. */
export interface Page<Row> {
  data: Row[];
  next_cursor: string | null;
}

/** What a job is asked to make. */
export interface JobInput {
  prompt: string | null;
  custom_prompt_id: string | null;
  input_image_key: string | null;
  aspect_ratio: string | null;
  image_size: string | null;
  /** The model that will be tried first. */
  model_requested: string;
  fallback: boolean;
  metadata: Record<string, unknown> | null;
  /** The job that this one repeats. */
  retry_of?: string;
  /** Milliseconds until it is canceled, if it has not ended by then. */
  cancel_after_ms?: number;
}

export interface NewJob {
  userId: string;
  email: string | null;
  input: JobInput;
  /** Where to tell how the job goes. */
  webhook?: JobWebhook | null;
  /** In credits. */
  price: number;
  /** Always set: the client's own, or one made by the API so that a lost answer can be repeated. */
  idempotencyKey: string;
  /** SHA-256 (hex) of the canonical input, with the image's own hash. */
  requestHash: string;
  defaultCredits: number;
  maxActiveJobs: number;
  deadlineMs: number;
}

export interface Accepted {
  job: Job;
  /** The user's credits after the debit, or now when replayed. */
  balance: number;
  charged: number;
  /** The job of an earlier request with the same key and input; nothing was made or debited. */
  replayed: boolean;
  delivery: Delivery & Order;
}

/** A job that this worker may work on, until its lease ends or `lost`. */
export interface Claim {
  job: Job;
  attempt: number;
  fallback: boolean;
  /** Quoted price in credits. */
  price: number;
  /** Retries the budget has paid for so far. */
  countedRetries: number;
  /** Codes of the runs before this one that ended in a retry. */
  pastFailures: FailureCode[];
  /** Model calls of the whole job so far. */
  modelCalls: number;
  /** Milliseconds from now until the job's deadline, by the database's clock. */
  deadlineInMs: number;
}

export type ClaimAnswer =
  | { kind: 'claimed'; claim: Claim }
  /** Not yet due: ask again in `delayMs`. */
  | { kind: 'later'; delayMs: number }
  /** Finished, canceled, unknown, or in another worker's hands: nothing to do. */
  | { kind: 'drop' };

export interface JobRef {
  jobId: string;
  attempt: number;
}

export interface SweepResult {
  /** To be put in the queue now, then confirmed with `markDelivered`. */
  due: (Delivery & Order)[];
  /** Jobs ended and refunded because their deadline had passed. */
  overdue: number;
  /** Jobs ended and refunded because they had lost their worker too often. */
  crashed: number;
  /** Jobs whose worker's lease is over, among `due`. */
  lapsed: number;
}

export interface AuditRow {
  scope: 'user' | 'job';
  id: string;
  user_id: string;
  problem: string;
  expected: string | null;
  actual: string | null;
}

/** A webhook to be sent now, by whoever claimed it. */
export interface ClaimedWebhook {
  /** The same at every attempt. */
  id: string;
  jobId: string;
  type: WebhookEvent;
  url: string;
  /** Host and port. */
  host: string;
  /** Grows at every claim; what is settled under an older one is not written. */
  attempt: number;
  /** Attempts of this schedule, this one included. */
  tries: number;
  /** When the event happened. */
  timestamp: string;
  /** As it was at the event. */
  job: Job;
}

/** A webhook as the job's owner sees it. */
export interface WebhookDelivery {
  id: string;
  type: WebhookEvent;
  url: string;
  status: 'pending' | 'delivered' | 'failed';
  attempts: number;
  /** Null once it is delivered or has failed. */
  next_attempt_at: string | null;
  /** Of the latest answer; null when there was none. */
  last_status: number | null;
  last_error: string | null;
  created_at: string;
  delivered_at: string | null;
}

export interface ReplayedWebhook {
  id: string;
  job_id: string;
  type: WebhookEvent;
  host: string;
  attempts: number;
}

/** What a follower of jobs and users has seen so far. */
export interface Seen {
  jobs: readonly { id: string; version: number }[];
  users: readonly {
    id: string;
    /** A `now` of an earlier answer; null: only what is unfinished. */
    since: string | null;
    /** Also what ended since then. */
    resumedFrom?: string;
  }[];
}

export interface Changes {
  /** The database's time of this answer. */
  now: string;
  /** Newer than what was seen, in the order of their changes. A job may be here twice over two answers. */
  jobs: Job[];
  /** Jobs that are no more, of those that were named. */
  gone: string[];
  /** The credits of everyone with a job here that has ended, by user, read together with the jobs. */
  balances: Record<string, number>;
}

/** A place in the line, how soon it was due, and in what order. */
export type LineMark = readonly [place: number, priority: number, runAtUs: number];

/** The line of waiting jobs at one moment, and how fast it has been moving. */
export interface QueueSnapshot {
  now_us: number;
  /** Workers with a live lease. */
  workers: number;
  /** In order; the first hundred places are all there, later ones more thinly. */
  marks: readonly LineMark[];
  /** How long each job in a worker's hands has been there. */
  running_ms: readonly number[];
  /** Of the runs of the last ten minutes; null without any. */
  median_ms: number | null;
  mean_ms: number | null;
  /** How many runs ended within `span_ms`. */
  ended: number;
  span_ms: number;
  /** Made within `span_ms` and taken since: [priority, how many]. */
  overtaking: readonly (readonly [priority: number, count: number])[];
}

export interface ModelHealth {
  /** Of the calls of the last ten minutes that gave an image. */
  median_ms: number | null;
  /** `ok` or a failure code, newest first, at most three. */
  latest: readonly string[];
}

/** What a job was asked to make, as far as it can be asked for again. */
export interface PastInput extends Omit<JobInput, 'retry_of' | 'cancel_after_ms'> {
  status: JobStatus;
}
