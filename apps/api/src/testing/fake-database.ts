import { type Job, jobFields } from '@darkroom/core/job/job';
import type { JobWebhook } from '@darkroom/core/job/webhook-events';
import type { ClerkEvent } from '@darkroom/db/accounts/accounts';
import type { Database } from '@darkroom/db/database';
import { DomainError } from '@darkroom/db/errors';
import type { Image } from '@darkroom/db/images/images';
import type { Accepted } from '@darkroom/db/jobs/jobs';
import type { StripeEvent } from '@darkroom/db/payments/payments';
import type { Prompt } from '@darkroom/db/prompts/prompts';
import type { User } from '@darkroom/db/users/users';
import type { WebhookDelivery } from '@darkroom/db/webhooks/webhooks';

/**
 * An in-memory database for unit tests of the HTTP layer: validation, order of calls, responses. The rules of the database
 * itself are tested on Postgres.
 */
export interface FakeDatabase extends Database {
  users: Map<string, User>;
  jobs: Map<string, Job>;
  /** The webhook of each job, by job id. */
  webhooks: Map<string, JobWebhook>;
  /** By job id. */
  webhookDeliveries: Map<string, WebhookDelivery[]>;
  /** Names of the called operations, in order. */
  calls: string[];
  prompts: Map<string, Prompt>;
  images: Map<string, Image & { user_id: string; key: string | null }>;
  /** Keys whose objects were confirmed as removed. */
  confirmed: string[];
  /** Events of incoming webhooks, in order. */
  events: (ClerkEvent | StripeEvent)[];
  /** Makes every call of an operation fail with this error; null makes it succeed again. */
  fail(operation: keyof Database, error: Error | null): void;
}

export function createFakeDatabase(): FakeDatabase {
  const users = new Map<string, User>();
  const jobs = new Map<string, Job>();
  const webhooks = new Map<string, JobWebhook>();
  const webhookDeliveries = new Map<string, WebhookDelivery[]>();
  const keys = new Map<string, { hash: string; jobId: string }>();
  const failures = new Map<string, Error>();
  const calls: string[] = [];
  const prompts: FakeDatabase['prompts'] = new Map();
  const images: FakeDatabase['images'] = new Map();
  const confirmed: string[] = [];
  const events: FakeDatabase['events'] = [];

  const operations: Partial<Database> = {
    async ensureUser({ userId, email, defaultCredits }) {
      const known = users.get(userId);
      const placeholder = `${userId}@users.invalid`;
      const user = known ?? { id: userId, email: placeholder, credits: defaultCredits, created_at: '' };
      if (email !== null) user.email = email;
      users.set(userId, user);
      return { ...user };
    },
    async getSubscription() {
      return null;
    },
    async listLedger() {
      return { data: [], next_cursor: null };
    },
    async replayJob({ userId, idempotencyKey, requestHash }) {
      const earlier = keys.get(`${userId} ${idempotencyKey}`);
      if (earlier === undefined) return null;
      if (earlier.hash !== requestHash) throw new DomainError('idempotency_key_reused', 'reused');
      const job = jobs.get(earlier.jobId)!;
      return {
        job: { ...job },
        balance: users.get(userId)!.credits,
        charged: job.receipt!.charged,
        replayed: true,
      };
    },
    async createJob(input): Promise<Accepted> {
      const { userId, price, requestHash: hash, defaultCredits, email } = input;
      await operations.ensureUser!({ userId, email, defaultCredits });
      const earlier = await operations.replayJob!(input);
      if (earlier)
        return { ...earlier, delivery: { jobId: earlier.job.id, delivery: 1, priority: 1, delayMs: 0 } };
      const user = users.get(userId)!;
      if (user.credits < price) {
        throw new DomainError('insufficient_credits', 'no', { balance: user.credits, price });
      }
      user.credits -= price;
      const job = { ...blankJob(), ...input.input, id: crypto.randomUUID(), user_id: userId };
      job.receipt = { charged: price, refunded: 0, net: price };
      jobs.set(job.id, job);
      if (input.webhook) webhooks.set(job.id, input.webhook);
      keys.set(`${userId} ${input.idempotencyKey}`, { hash, jobId: job.id });
      const delivery = { jobId: job.id, delivery: 1, priority: 1, delayMs: 0 };
      return { job: { ...job }, balance: user.credits, charged: price, replayed: false, delivery };
    },
    async getJob({ userId, jobId }) {
      const job = jobs.get(jobId);
      return job?.user_id === userId ? { ...job } : null;
    },
    async listJobs({ userId, cursor }) {
      if (cursor === 'broken') throw new DomainError('invalid_argument', 'no', { path: 'cursor' });
      return { data: [...jobs.values()].filter((job) => job.user_id === userId), next_cursor: null };
    },
    async cancelJob({ userId, jobId }) {
      const job = jobs.get(jobId);
      if (job?.user_id !== userId) throw new DomainError('not_found', 'no');
      if (job.completed_at !== null) throw new DomainError('job_already_finished', 'no');
      return Object.assign(job, { status: 'canceled', version: job.version + 1, completed_at: 'now' });
    },
    async getJobInput({ userId, jobId }) {
      const job = await operations.getJob!({ userId, jobId });
      return job && { ...job, model_requested: job.model_requested ?? '', fallback: true };
    },
    async listChanges({ jobs: seen, users: followed }) {
      const versions = new Map(seen.map(({ id, version }) => [id, version]));
      const owners = new Set(followed.map(({ id }) => id));
      const isNew = (job: Job) =>
        versions.has(job.id) ? job.version > versions.get(job.id)! : owners.has(job.user_id);
      return {
        now: new Date().toISOString(),
        jobs: [...jobs.values()].filter(isNew).map((job) => ({ ...job })),
        gone: [...versions.keys()].filter((id) => !jobs.has(id)),
        balances: Object.fromEntries([...users].map(([id, { credits }]) => [id, credits])),
      };
    },
    async getQueueSnapshot() {
      return {
        now_us: 0,
        workers: 1,
        marks: [],
        running_ms: [],
        median_ms: 4_000,
        mean_ms: 4_000,
        ended: 0,
        span_ms: 60_000,
        overtaking: [],
      };
    },
    async getQueuePlace() {
      return { priority: 1, run_at_us: 0 };
    },
    async getModelHealth() {
      return {};
    },
    async getPrompt({ promptId }) {
      return prompts.get(promptId) ?? null;
    },
    async hasPrompts({ count }) {
      return prompts.size >= count;
    },
    async createPrompt({ promptId, fields }) {
      prompts.set(promptId, { id: promptId, created_at: '', ...fields });
      return prompts.get(promptId)!;
    },
    async updatePrompt({ promptId, fields }) {
      const prompt = prompts.get(promptId);
      return prompt ? Object.assign(prompt, fields) : null;
    },
    async deletePrompt({ promptId }) {
      return prompts.delete(promptId);
    },
    async getImage({ userId, imageId }) {
      const image = images.get(imageId);
      return image?.user_id === userId ? image : null;
    },
    async deleteImage({ userId, imageId }) {
      const image = images.get(imageId);
      if (image?.user_id !== userId) return null;
      images.delete(imageId);
      return image.key === null ? [] : [image.key];
    },
    async confirmRemoved({ keys }) {
      confirmed.push(...keys);
    },
    async takeClerkEvent(event) {
      events.push(event);
      return { outcome: 'applied', repeated: false };
    },
    async takeStripeEvent(event) {
      events.push(event);
      return { outcome: event.purchase?.unknownPrices.length ? 'unknown_price' : 'applied', repeated: false };
    },
    async listWebhooks({ userId, jobId }) {
      return jobs.get(jobId)?.user_id === userId ? (webhookDeliveries.get(jobId) ?? []) : [];
    },
    async markDelivered() {},
    async ping() {},
  };

  const recording = new Proxy(operations, {
    get: (target, name) => {
      if (typeof name !== 'string' || !(name in target)) return undefined;
      return async (argument: never) => {
        calls.push(name);
        const failure = failures.get(name);
        if (failure) throw failure;
        return (target[name as keyof Database] as (argument: never) => unknown)(argument);
      };
    },
  }) as Database;

  return new Proxy(
    {
      users,
      jobs,
      webhooks,
      webhookDeliveries,
      calls,
      prompts,
      images,
      confirmed,
      events,
      fail: (operation: string, error: Error | null) =>
        error === null ? failures.delete(operation) : failures.set(operation, error),
    } as unknown as FakeDatabase,
    { get: (own, name) => Reflect.get(own, name) ?? Reflect.get(recording, name) },
  );
}

function blankJob(): Job {
  const blank = Object.fromEntries(jobFields.map((field) => [field, null])) as unknown as Job;
  return { ...blank, status: 'pending', progress: 0, version: 1, attempt: 0 };
}
