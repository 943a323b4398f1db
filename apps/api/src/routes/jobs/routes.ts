import type { CreditCosts } from '@darkroom/core/job/price';
import type { Hints } from '@darkroom/core/queue/hints';
import type { Log } from '@darkroom/core/runtime/log/log';
import type { Storage } from '@darkroom/core/storage/storage';
import type { Database } from '@darkroom/db/database';
import { Hono } from 'hono';
import type { DeletedUsers } from '../../accounts/deleted-users.ts';
import type { EmailBackfill } from '../../accounts/email-backfill.ts';
import type { ChangeFeed } from '../../changes/feed.ts';
import type { Enqueue } from '../../enqueue/enqueue.ts';
import { limitBodyMemory, limitImageBody, limitSmallBody, maxBodyBytes } from '../../http/body-limit.ts';
import { createByteSemaphore } from '../../http/byte-semaphore.ts';
import type { ApiEnv } from '../../http/env.ts';
import { createReadQueuePosition } from '../../queue-position/queue-position.ts';
import type { WebhookSettings } from '../webhooks/requested-webhook.ts';
import { cancelJob } from './cancel.ts';
import type { CancelTimers } from './cancel-timers.ts';
import { createJob } from './create.ts';
import { listJobs } from './list.ts';
import { createJobResponder } from './respond.ts';
import { retryJob } from './retry.ts';
import { showJob } from './show.ts';

export interface JobDeps {
  db: Pick<
    Database,
    | 'cancelJob'
    | 'createJob'
    | 'ensureUser'
    | 'getJob'
    | 'getJobInput'
    | 'getPrompt'
    | 'getQueuePlace'
    | 'getQueueSnapshot'
    | 'listJobs'
    | 'replayJob'
  >;
  storage: Pick<Storage, 'delete' | 'head' | 'put'>;
  enqueue: Enqueue;
  changes: ChangeFeed;
  hints: Pick<Hints, 'publish'>;
  cancelTimers: Pick<CancelTimers, 'set'>;
  emailBackfill: Pick<EmailBackfill, 'check'>;
  deletedUsers: Pick<DeletedUsers, 'has'>;
  log: Log;
  webhooks: WebhookSettings;
  /** In the order of fallback. */
  models: readonly string[];
  creditCosts: CreditCosts;
  defaultCredits: number;
  maxActiveJobs: number;
  deadlineMs: number;
  /** Monotonic milliseconds. */
  now: () => number;
}

export function jobRoutes(deps: JobDeps): Hono<ApiEnv> {
  const bodyMemory = createByteSemaphore({ maxBytes: 4 * maxBodyBytes, maxWaiting: 16, maxWaitMs: 5_000 });
  const respond = createJobResponder(deps);
  const readQueuePosition = createReadQueuePosition(deps);
  return new Hono<ApiEnv>()
    .post('/v1/jobs', limitBodyMemory(bodyMemory), limitImageBody, createJob({ ...deps, respond }))
    .get('/v1/jobs', listJobs(deps))
    .get('/v1/jobs/:id', showJob({ ...deps, readQueuePosition }))
    .post('/v1/jobs/:id/cancel', limitSmallBody, cancelJob(deps))
    .post('/v1/jobs/:id/retry', limitSmallBody, retryJob({ ...deps, respond }));
}
