import { parseCreditCosts } from '@darkroom/core/job/price';
import { type Hint, noHints } from '@darkroom/core/queue/hints';
import type { Delivery, Queue } from '@darkroom/core/queue/queue';
import { QueueUnavailable } from '@darkroom/core/queue/queue';
import { createRateLimiter } from '@darkroom/core/queue/rate-limiter';
import { createRecordedLog } from '@darkroom/core/runtime/log/recorded';
import { createUploadSigner } from '@darkroom/core/storage/sign-upload';
import type { Storage } from '@darkroom/core/storage/storage';
import { StorageUnavailable } from '@darkroom/core/storage/storage';
import type { EmailBackfill } from '../accounts/email-backfill.ts';
import { type ApiDeps, createApi } from '../app.ts';
import { createChangeFeed } from '../changes/feed.ts';
import { createEnqueue } from '../enqueue/enqueue.ts';
import { createSessions } from '../routes/admin/session.ts';
import { createFakeDatabase } from './fake-database.ts';
import { createSessionTokens } from './session-tokens.ts';

/** Coordination that is unreachable, so that limiters count in this process. */
const unreachable = {
  async count(): Promise<never> {
    throw new QueueUnavailable('unreachable');
  },
};

const tokens = createSessionTokens();

/** The API on fakes of its parts, for tests of the HTTP layer. `alice` is an Authorization header. */
export async function createTestApi(overrides: Partial<ApiDeps> = {}) {
  const db = createFakeDatabase();
  const log = createRecordedLog();
  const objects = new Map<string, Buffer>();
  const types = new Map<string, string>();
  const delivered: Delivery[] = [];
  const marked: Delivery[] = [];
  const backfilled: string[] = [];
  const hinted: Hint[] = [];
  const cancelTimers: number[] = [];
  const deleted: string[] = [];
  const broken = { queue: false, storage: false };

  const queue: Pick<Queue, 'enqueue' | 'epoch'> = {
    async enqueue(deliveries) {
      if (broken.queue) throw new QueueUnavailable('no queue');
      delivered.push(...deliveries);
    },
    async epoch() {
      if (broken.queue) throw new QueueUnavailable('no queue');
      return 'epoch';
    },
  };
  const storage: Pick<Storage, 'put' | 'head' | 'delete' | 'publicUrl'> = {
    async put(key, { bytes }) {
      if (broken.storage) throw new StorageUnavailable('secret host is down');
      db.calls.push('storage.put');
      objects.set(key, bytes);
      return { url: `https://cdn.test/${key}` };
    },
    async head(key) {
      const bytes = objects.get(key);
      return bytes ? { size: bytes.length, mimeType: types.get(key) ?? 'image/png' } : null;
    },
    async delete(key) {
      if (broken.storage) throw new StorageUnavailable('secret host is down');
      objects.delete(key);
    },
    publicUrl: (key) => `https://cdn.test/${key}`,
  };
  const uploads = createUploadSigner({
    endpoint: 'https://account.r2.cloudflarestorage.com',
    accessKeyId: 'id',
    secretAccessKey: 'secret',
    bucket: 'images',
  });
  const emailBackfill: EmailBackfill = {
    check: (userId) => void backfilled.push(userId),
    close: async () => {},
  };

  const deliveryMarks = { add: (delivery: Delivery) => void marked.push(delivery), close: async () => {} };
  const app = createApi({
    db,
    queue: queue as Queue,
    storage: storage as Storage,
    enqueue: createEnqueue({ queue, deliveryMarks, log: overrides.log ?? log }),
    emailBackfill,
    hints: { ...noHints, publish: (hint) => void hinted.push(hint) },
    changes: createChangeFeed({ db, hints: noHints, log, everyMs: 20 }),
    cancelTimers: { set: (ms) => void cancelTimers.push(ms) },
    uploads,
    deletedUsers: { has: async () => false, add: (userId) => void deleted.push(userId) },
    priceCredits: {},
    log,
    clerk: tokens.clerk,
    corsOrigins: [],
    limits: {
      address: createRateLimiter({
        coordination: unreachable,
        name: 'address',
        limit: 6_000,
        windowSeconds: 60,
      }),
      user: createRateLimiter({ coordination: unreachable, name: 'user', limit: 600, windowSeconds: 60 }),
      isTrustedProxy: () => false,
    },
    operators: { userIds: [], actions: false },
    board: { handle: (c) => c.text(`the board at ${c.req.path}`), close: async () => {} },
    sessions: createSessions({ secrets: ['secret'], epochMs: Date.now }),
    signInLimiter: createRateLimiter({
      coordination: unreachable,
      name: 'sign-in',
      limit: 10,
      windowSeconds: 60,
    }),
    models: ['gemini-nano-banana-2.1', 'gemini-3-pro-image', 'gemini-3.1-flash-lite-image'],
    creditCosts: parseCreditCosts('gemini-3-pro-image=2, gemini-3-pro-image@4K=4'),
    defaultCredits: 5,
    maxActiveJobs: 10,
    deadlineMs: 600_000,
    webhooks: { enabled: true, allowPrivate: false },
    isStopping: () => false,
    now: () => performance.now(),
    random: () => 0.5,
    randomId: () => crypto.randomUUID(),
    ...overrides,
  });

  const alice = await tokens.authorization('user_alice');
  const post = (body: unknown, headers: Record<string, string> = {}, query = '') =>
    app.request(`/v1/jobs${query}`, {
      method: 'POST',
      headers: { Authorization: alice, 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const send = (method: string, path: string, body?: unknown) =>
    app.request(path, {
      method,
      headers: {
        Authorization: alice,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  const get = (path: string, headers: Record<string, string> = {}) =>
    app.request(path, { headers: { Authorization: alice, ...headers } });

  return {
    app,
    db,
    log,
    objects,
    delivered,
    marked,
    backfilled,
    hinted,
    cancelTimers,
    types,
    deleted,
    broken,
    tokens,
    alice,
    post,
    get,
    send,
  };
}
