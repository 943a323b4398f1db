import { parseCreditCosts } from '@darkroom/core/job/price';
import { createRecordedLog } from '@darkroom/core/log/recorded';
import { type Hint, noHints } from '@darkroom/core/queue/hints';
import type { Delivery, Queue } from '@darkroom/core/queue/queue';
import { QueueUnavailable } from '@darkroom/core/queue/queue';
import type { Storage } from '@darkroom/core/storage/storage';
import { StorageUnavailable } from '@darkroom/core/storage/storage';
import { type ApiDeps, createApi } from '../app.ts';
import type { EmailBackfill } from '../auth/email-backfill.ts';
import { createWatch } from '../watch/watch.ts';
import { createMemoryDatabase } from './memory-database.ts';
import { createSessionTokens } from './session-tokens.ts';

const tokens = createSessionTokens();

/** The API on doubles of its parts, for what is of HTTP alone. `alice` is an Authorization header. */
export async function createTestApi(overrides: Partial<ApiDeps> = {}) {
  const db = createMemoryDatabase();
  const log = createRecordedLog();
  const objects = new Map<string, Buffer>();
  const delivered: Delivery[] = [];
  const marked: Delivery[] = [];
  const noted: string[] = [];
  const hinted: Hint[] = [];
  const cancelTimers: number[] = [];
  const broken = { queue: false, storage: false };

  const queue: Pick<Queue, 'deliver' | 'epoch'> = {
    async deliver(deliveries) {
      if (broken.queue) throw new QueueUnavailable('no queue');
      delivered.push(...deliveries);
    },
    async epoch() {
      if (broken.queue) throw new QueueUnavailable('no queue');
      return 'epoch';
    },
  };
  const storage: Pick<Storage, 'put' | 'head' | 'delete'> = {
    async put(key, { bytes }) {
      if (broken.storage) throw new StorageUnavailable('secret host is down');
      db.calls.push('storage.put');
      objects.set(key, bytes);
      return { url: `https://cdn.test/${key}` };
    },
    async head(key) {
      const bytes = objects.get(key);
      return bytes ? { size: bytes.length, mimeType: 'image/png' } : null;
    },
    async delete(key) {
      objects.delete(key);
    },
  };
  const emails: EmailBackfill = { note: (userId) => void noted.push(userId), close: async () => {} };

  const app = createApi({
    db,
    queue: queue as Queue,
    storage: storage as Storage,
    marks: { remember: (delivery) => void marked.push(delivery), close: async () => {} },
    emails,
    hints: { ...noHints, publish: (hint) => void hinted.push(hint) },
    watch: createWatch({ db, hints: noHints, log, everyMs: 20 }),
    cancelTimers: { set: (ms) => void cancelTimers.push(ms), close: async () => {} },
    log,
    clerk: tokens.clerk,
    corsOrigins: [],
    models: ['gemini-nano-banana-2.1', 'gemini-3-pro-image', 'gemini-3.1-flash-lite-image'],
    creditCosts: parseCreditCosts('gemini-3-pro-image=2, gemini-3-pro-image@4K=4'),
    defaultCredits: 5,
    maxActiveJobs: 10,
    deadlineMs: 600_000,
    webhooks: { enabled: true, allowPrivate: false },
    isStopping: () => false,
    now: () => performance.now(),
    random: () => 0.5,
    ...overrides,
  });

  const alice = await tokens.authorization('user_alice');
  const post = (body: unknown, headers: Record<string, string> = {}, query = '') =>
    app.request(`/v1/jobs${query}`, {
      method: 'POST',
      headers: { Authorization: alice, 'Content-Type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
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
    noted,
    hinted,
    cancelTimers,
    broken,
    tokens,
    alice,
    post,
    get,
  };
}
