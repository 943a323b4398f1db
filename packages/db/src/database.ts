import type { FailureCode } from '@darkroom/core/job/failure';
import type { Job, JobStage, JobStatus } from '@darkroom/core/job/job';
import type { ModelCall, StoredImage } from '@darkroom/core/job/outcome';
import type { Delivery, Order } from '@darkroom/core/queue/queue';
import type { OperatorGauges } from '@darkroom/core/runtime/metrics/system';
import type { WebhookVerdict } from '@darkroom/core/webhook/verdict';

import type {
  Accepted,
  AuditRow,
  Changes,
  ClaimAnswer,
  ClaimedWebhook,
  Cleaning,
  ClerkEvent,
  Image,
  JobRef,
  LedgerEntry,
  ModelHealth,
  NewJob,
  Page,
  PastInput,
  Prompt,
  PromptFields,
  QueueSnapshot,
  ReplayedWebhook,
  Seen,
  StoredObject,
  StripeEvent,
  Subscription,
  SweepResult,
  TakenEvent,
  User,
  WebhookDelivery,
} from './records.ts';

export type * from './records.ts';

/**
 * The typed door to Postgres: one function an operation, each one call of one SQL function or one select.
 * All of them are safe to repeat; a lost answer is repeated with the same arguments.
 * @throws DomainError where a rule refuses; DatabaseUnavailable where the database cannot be reached.
 */
export interface Database {
  /** Makes the user at first sight with `defaultCredits`; fills in the e-mail when it is known and free. */
  ensureUser(user: { userId: string; email: string | null; defaultCredits: number }): Promise<User>;
  getSubscription(user: { userId: string }): Promise<Subscription | null>;
  listLedger(query: { userId: string; limit: number; cursor: string | null }): Promise<Page<LedgerEntry>>;

  /** The job of an earlier request with this key, or null. @throws DomainError idempotency_key_reused */
  replayJob(key: {
    userId: string;
    idempotencyKey: string;
    requestHash: string;
  }): Promise<Omit<Accepted, 'delivery'> | null>;
  /** Debits and makes the job in one transaction. */
  createJob(job: NewJob): Promise<Accepted>;
  getJob(query: { userId: string; jobId: string }): Promise<Job | null>;
  /** Newest first. @throws DomainError invalid_argument for a broken cursor */
  listJobs(query: {
    userId: string;
    status: JobStatus | null;
    limit: number;
    cursor: string | null;
  }): Promise<Page<Job>>;
  /** Cancels and refunds. @throws DomainError not_found, job_already_finished */
  cancelJob(job: { userId: string; jobId: string }): Promise<Job>;
  /** What this user's job was asked to make; null for another's, and for one that was not made here. */
  getJobInput(query: { userId: string; jobId: string }): Promise<PastInput | null>;
  /** What is new to a follower. One try: whoever follows asks again anyway. */
  listChanges(seen: Seen): Promise<Changes>;
  getQueueSnapshot(): Promise<QueueSnapshot>;
  /** What decides an unfinished job's place in the line; null for any other. */
  getQueuePlace(query: { jobId: string }): Promise<{ priority: number; run_at_us: number } | null>;
  /** How the models have fared of late; one that was not called is not in it. */
  getModelHealth(): Promise<Record<string, ModelHealth>>;
  /** A saved prompt of this user, or null. */
  getPrompt(query: { userId: string; promptId: string }): Promise<Prompt | null>;
  /** Newest first. @throws DomainError invalid_argument for a broken cursor */
  listPrompts(query: { userId: string; limit: number; cursor: string | null }): Promise<Page<Prompt>>;
  /** Whether this user has saved at least so many prompts. */
  hasPrompts(query: { userId: string; count: number }): Promise<boolean>;
  /** `promptId` is the caller's own choice, so that a repeat makes no second one. @throws DomainError user_deleted */
  createPrompt(prompt: { userId: string; promptId: string; fields: PromptFields }): Promise<Prompt>;
  /** Changes the named fields alone. Null: there is no such prompt of this user. */
  updatePrompt(prompt: {
    userId: string;
    promptId: string;
    fields: Partial<PromptFields>;
  }): Promise<Prompt | null>;
  /** False: there was no such prompt of this user. */
  deletePrompt(prompt: { userId: string; promptId: string }): Promise<boolean>;

  /** Newest first. @throws DomainError invalid_argument for a broken cursor */
  listImages(query: { userId: string; limit: number; cursor: string | null }): Promise<Page<Image>>;
  /** An image of this user with the key of its thumbnail, or of itself; null for one that only names an address. */
  getImage(query: { userId: string; imageId: string }): Promise<(Image & { key: string | null }) | null>;
  /**
   * Removes the row and returns the keys to remove from the store now, then to be confirmed with `confirmRemoved`;
   * what is not is removed later. Null: there is no such image of this user.
   */
  deleteImage(image: { userId: string; imageId: string }): Promise<string[] | null>;
  confirmRemoved(objects: { keys: readonly string[] }): Promise<void>;

  /** Whether this account was deleted. */
  isUserDeleted(user: { userId: string }): Promise<boolean>;
  /** Takes in an event once per id, in any order. */
  takeClerkEvent(event: ClerkEvent, options: { defaultCredits: number }): Promise<TakenEvent>;
  /** Takes in an event once per id, in any order; books credits once per reference. */
  takeStripeEvent(event: StripeEvent): Promise<TakenEvent>;

  /** What is to be removed from the store now, at most `limit` of each kind. */
  takeCleaning(query: { limit: number }): Promise<Cleaning>;
  /** The next step of a deleted account's erasure. True: nothing of it can be left. */
  continueErasure(user: { userId: string; objectsLeft: boolean }): Promise<boolean>;
  /** Which of these objects no row names, for a day or longer. */
  findOrphans(query: { objects: readonly StoredObject[] }): Promise<string[]>;
  /** `after`: where the next turn goes on; null at the end of the bucket. */
  endOrphanTurn(turn: { after: string | null }): Promise<void>;

  /** Says that these deliveries are in the queue, so that the sweeper need not make them. */
  markDelivered(deliveries: readonly Delivery[]): Promise<void>;

  /** @throws DomainError worker_unknown when this worker holds no lease: heartbeat first. */
  claimJob(claim: { jobId: string; workerId: string }): Promise<ClaimAnswer>;
  /**
   * Renews this worker's lease and tells which of `jobs` are no longer its own.
   * `leaseMs` is the time from now, by the database's clock, that the lease lasts.
   */
  heartbeat(worker: {
    workerId: string;
    jobs: readonly JobRef[];
  }): Promise<{ leaseMs: number; lost: JobRef[] }>;
  /** Gives the lease up, so that nothing waits for it. */
  endWorker(worker: { workerId: string }): Promise<void>;
  /** Shows how far jobs are, in one transaction; progress never falls. Returns those whose claim was lost. */
  reportProgress(reports: readonly (JobRef & { stage: JobStage; progress: number })[]): Promise<JobRef[]>;
  /** Counts a model call before it is sent. Never more than `maxCalls` a job. */
  beginModelCall(
    job: JobRef & { model: string; maxCalls: number },
  ): Promise<{ call: number } | 'budget_spent' | 'lost'>;

  /** False: the claim was lost, nothing was written. */
  completeJob(
    job: JobRef & { image: StoredImage; servedPrice: number; calls: readonly ModelCall[] },
  ): Promise<boolean>;
  /** Ends and refunds in one transaction. False: the claim was lost, nothing was written. */
  failJob(
    job: JobRef & { code: FailureCode; message: string; cause: string; calls: readonly ModelCall[] },
  ): Promise<boolean>;
  /**
   * Puts the job back, due in `delayMs`. `failed`: it would have been due after its deadline, so it ended and was
   * refunded. `lost`: the claim was lost, nothing was written.
   */
  retryJob(
    job: JobRef & {
      code: FailureCode;
      cause: string;
      delayMs: number;
      counts: boolean;
      calls: readonly ModelCall[];
    },
  ): Promise<{ kind: 'retried'; delivery: Delivery & Order } | { kind: 'failed' } | { kind: 'lost' }>;
  /** Hands an unfinished job back at once; costs it nothing. Null: the claim was lost. */
  releaseJob(job: JobRef & { calls: readonly ModelCall[] }): Promise<(Delivery & Order) | null>;

  /** One pass of the reconciler over at most `limit` rows of each kind. */
  sweep(pass: { limit: number }): Promise<SweepResult>;
  /** Cancels and refunds what has outlived the time its client gave it, and tells which; at most 100 a call. */
  cancelDue(pass: { limit: number }): Promise<{ jobId: string; userId: string }[]>;
  /** Deliveries that should be in the queue and have not been looked at for a minute, at most `limit`. */
  listDelivered(query: { limit: number }): Promise<Delivery[]>;
  /** Says that the queue does not know these: the next sweep delivers them anew. */
  markUndelivered(deliveries: readonly Delivery[]): Promise<void>;
  /** Takes note of the queue's epoch; a new one makes every delivery undelivered. True when it was new. */
  adoptQueueEpoch(queue: { epoch: string }): Promise<boolean>;

  /**
   * Claims at most `limit` webhooks that are due for 30 s, at most `again` of them tried before, to no host more than
   * `perHost` with those in hand (`busy`, by host). Not repeated: what a lost answer claimed is due again in 30 s.
   */
  claimWebhooks(claim: {
    limit: number;
    again: number;
    perHost: number;
    busy: Readonly<Record<string, number>>;
  }): Promise<ClaimedWebhook[]>;
  /** Writes how an attempt went. False: a later attempt has begun, nothing was written. */
  settleWebhook(attempt: { id: string; attempt: number; verdict: WebhookVerdict }): Promise<boolean>;
  /** Of a user's own job, in the order the events happened. */
  listWebhooks(query: { userId: string; jobId: string }): Promise<WebhookDelivery[]>;
  /** Makes a delivery, or all of a job, due again now. @throws DomainError not_found */
  replayWebhooks(which: { deliveryId: string } | { jobId: string }): Promise<ReplayedWebhook[]>;

  grantCredits(grant: {
    userId: string;
    amount: number;
    reference: string;
    reason: string;
  }): Promise<{ balance: number }>;
  /** What breaks an invariant of money, 1,000 rows at most. Must be empty. One try, of a minute by default. */
  audit(options?: { timeoutMs: number }): Promise<AuditRow[]>;
  /** The state of the whole system, made anew every ten seconds at most, however many ask. One try. */
  readGauges(): Promise<OperatorGauges>;
  /** Counts what breaks an invariant of money, for the gauges. It may take long. */
  runAudit(): Promise<number>;
  /** By job, the trace it was made in (`traceparent`); a job without one is not in it. One try. */
  getTraces(query: { jobIds: readonly string[] }): Promise<Record<string, string>>;
  /** @throws DatabaseUnavailable unless the database answers within `timeoutMs`. */
  ping(options: { timeoutMs: number }): Promise<void>;
}
