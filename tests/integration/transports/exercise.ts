import { randomUUID } from 'node:crypto';
import type { ModelCall, StoredImage } from '@darkroom/core/job/outcome';
import type { NewJob } from '@darkroom/db/jobs/jobs';
import type { OpenDatabase } from '@darkroom/db/open';
import type { StripeEvent } from '@darkroom/db/payments/payments';

type Query = (sql: string, values?: unknown[]) => Promise<unknown>;

/**
 * Asks everything of a new database that it can be asked, what is refused too. Names and ids that are given are the same
 * every time; `query` is for what no operation does.
 */
export async function exercise(db: OpenDatabase, query: Query): Promise<{ ada: string; jobId: string }> {
  const ada = 'user_ada';
  await users(db, ada);
  const jobId = await jobs(db, ada, query);
  await images(db, ada);
  await prompts(db, ada);
  await webhooks(db, ada, query);
  await upkeep(db, query);
  await accounts(db);
  return { ada, jobId };
}

const refused = (work: Promise<unknown>) => work.catch(() => undefined);
const calls: ModelCall[] = [{ call: 1, attempt: 1, model: 'first', code: 'ok', ms: 900 }];
const failed = {
  code: 'no_image',
  cause: 'the model said "nothing"',
  calls,
} as const;

async function users(db: OpenDatabase, ada: string): Promise<void> {
  await db.ensureUser({ userId: ada, email: 'ada@example.test', defaultCredits: 50 });
  await db.ensureUser({ userId: ada, email: null, defaultCredits: 50 });
  await db.ensureUser({ userId: 'user_boris', email: null, defaultCredits: 2 });
  await db.grantCredits({ userId: ada, amount: 30, reference: 'gift:1', reason: 'a "gift" — ✓' });
  await db.grantCredits({ userId: ada, amount: 30, reference: 'gift:1', reason: 'a "gift" — ✓' });
  await refused(db.grantCredits({ userId: 'nobody', amount: 1, reference: 'gift:2', reason: '' }));
  await db.getSubscription({ userId: ada });
  await db.ping({ timeoutMs: 5_000 });
}

export const newJob = (userId: string, key: string, more: Partial<NewJob> = {}): NewJob => ({
  userId,
  email: null,
  price: 3,
  idempotencyKey: key,
  requestHash: `hash of ${key}`,
  defaultCredits: 5,
  maxActiveJobs: 10,
  deadlineMs: 600_000,
  ...more,
  input: {
    prompt: 'a fox, “quoted”, {braced} and 雪',
    custom_prompt_id: null,
    input_image_key: null,
    aspect_ratio: '16:9',
    image_size: null,
    model_requested: 'first',
    fallback: true,
    metadata: { order: 12_345_678_901, list: ['a', null, { deep: 1.5 }] },
    ...more.input,
  },
});

async function jobs(db: OpenDatabase, ada: string, query: Query): Promise<string> {
  const workerId = randomUUID();
  const accepted = await db.createJob(newJob(ada, 'one'));
  const { id: jobId } = accepted.job;
  await db.createJob(newJob(ada, 'one'));
  await db.replayJob({ userId: ada, idempotencyKey: 'one', requestHash: 'hash of one' });
  await db.replayJob({ userId: ada, idempotencyKey: 'none', requestHash: 'x' });
  await refused(db.replayJob({ userId: ada, idempotencyKey: 'one', requestHash: 'another' }));
  await refused(db.createJob(newJob('user_boris', 'dear')));
  await refused(db.createJob(newJob(ada, 'many', { maxActiveJobs: 1 })));
  await refused(db.createJob(newJob(ada, 'blank', { input: { ...newJob(ada, '').input, prompt: '' } })));
  await refused(
    db.createJob(
      newJob(ada, 'saved', { input: { ...newJob(ada, '').input, custom_prompt_id: randomUUID() } }),
    ),
  );
  await refused(db.createJob(newJob(ada, 'negative', { price: -1 })));
  await db.getJob({ userId: ada, jobId });
  await db.getJob({ userId: 'user_boris', jobId });
  await refused(db.getJob({ userId: ada, jobId: 'no uuid' }));
  await db.getJobInput({ userId: ada, jobId });
  await db.getQueuePlace({ jobId });
  await db.getQueueSnapshot();
  await db.markDelivered([accepted.delivery]);
  await db.markDelivered([]);

  await refused(db.claimJob({ jobId, workerId }));
  await db.heartbeat({ workerId, jobs: [] });
  await db.claimJob({ jobId, workerId });
  await db.claimJob({ jobId: randomUUID(), workerId });
  await db.heartbeat({
    workerId,
    jobs: [
      { jobId, attempt: 1 },
      { jobId, attempt: 9 },
    ],
  });
  await db.reportProgress([
    { jobId, attempt: 1, stage: 'generating', progress: 12.4 },
    { jobId, attempt: 7, stage: 'generating', progress: 12 },
  ]);
  await db.reportProgress([]);
  await db.beginModelCall({ jobId, attempt: 1, model: 'first', maxCalls: 1 });
  await db.beginModelCall({ jobId, attempt: 1, model: 'first', maxCalls: 1 });
  await db.beginModelCall({ jobId, attempt: 2, model: 'first', maxCalls: 1 });
  const put = { code: 'provider_unavailable', cause: '503', calls, counts: true } as const;
  await db.retryJob({ jobId, attempt: 1, delayMs: 0, ...put });
  await db.retryJob({ jobId, attempt: 1, delayMs: 0, ...put });
  await db.claimJob({ jobId, workerId });
  await db.releaseJob({ jobId, attempt: 2, calls: [] });
  await db.releaseJob({ jobId, attempt: 2, calls: [] });
  await db.claimJob({ jobId, workerId });
  await db.completeJob({ jobId, attempt: 2, image: image(ada, jobId), servedPrice: 2, calls });
  await db.completeJob({ jobId, attempt: 3, image: image(ada, jobId), servedPrice: 2, calls });
  await refused(db.cancelJob({ userId: ada, jobId }));
  await refused(db.cancelJob({ userId: ada, jobId: randomUUID() }));

  const second = (await db.createJob(newJob(ada, 'two'))).job.id;
  await db.claimJob({ jobId: second, workerId });
  await db.retryJob({ jobId: second, attempt: 1, delayMs: 10_000_000, ...put });
  const third = (await db.createJob(newJob(ada, 'three'))).job.id;
  await db.cancelJob({ userId: ada, jobId: third });
  const fourth = (await db.createJob(newJob(ada, 'four'))).job.id;
  await db.claimJob({ jobId: fourth, workerId });
  await db.failJob({ jobId: fourth, attempt: 1, ...failed });
  await db.failJob({ jobId: fourth, attempt: 1, ...failed });
  const fifth = (await db.createJob(newJob(ada, 'five'))).job.id;
  await db.claimJob({ jobId: fifth, workerId });
  await db.retryJob({ jobId: fifth, attempt: 1, delayMs: 60_000, ...put });
  await db.claimJob({ jobId: fifth, workerId });
  await db.endWorker({ workerId });
  await refused(db.claimJob({ jobId: fifth, workerId }));

  const first = await db.listJobs({ userId: ada, status: null, limit: 2, cursor: null });
  await db.listJobs({ userId: ada, status: null, limit: 50, cursor: first.next_cursor });
  await db.listJobs({ userId: ada, status: 'canceled', limit: 2, cursor: null });
  await refused(db.listJobs({ userId: ada, status: null, limit: 2, cursor: 'broken' }));
  const page = await db.listLedger({ userId: ada, limit: 3, cursor: null });
  await db.listLedger({ userId: ada, limit: 100, cursor: page.next_cursor });
  await db.listChanges({ jobs: [{ id: jobId, version: 1 }], users: [{ id: ada, since: null }] });
  await db.listChanges({ jobs: [], users: [] });
  await db.getModelHealth();
  await db.getTraces({ jobIds: [jobId] });
  await query(`update job_runs set cancel_at = now() where job_id = $1`, [fifth]);
  await db.cancelDue({ limit: 10 });
  return jobId;
}

const image = (userId: string, jobId: string): StoredImage => ({
  object_key: `users/${userId}/jobs/${jobId}/1-a.png`,
  image_url: `https://cdn.test/users/${userId}/jobs/${jobId}/1-a.png`,
  thumbnail_key: `users/${userId}/jobs/${jobId}/1-a-thumb.webp`,
  thumbnail_url: `https://cdn.test/users/${userId}/jobs/${jobId}/1-a-thumb.webp`,
  width: 1024,
  height: 576,
  mime_type: 'image/png',
  sha256: 'f'.repeat(64),
  model: 'first',
});

async function images(db: OpenDatabase, ada: string): Promise<void> {
  const { data } = await db.listImages({ userId: ada, limit: 10, cursor: null });
  await db.listImages({ userId: 'user_boris', limit: 1, cursor: null });
  const image = { userId: ada, imageId: data[0]!.id };
  await db.getImage(image);
  await db.getImage({ ...image, userId: 'user_boris' });
  const keys = await db.deleteImage(image);
  await db.deleteImage(image);
  await db.confirmRemoved({ keys: keys!.slice(0, 1) });
  await db.confirmRemoved({ keys: ['odd "key", {x}\\'] });
  await db.confirmRemoved({ keys: [] });
}

async function prompts(db: OpenDatabase, ada: string): Promise<void> {
  const fields = { prompt_text: 'a cat', title: null, thumbnail_url: null, secondary_image_url: null };
  const promptId = randomUUID();
  await db.createPrompt({ userId: ada, promptId, fields });
  await db.createPrompt({ userId: ada, promptId, fields: { ...fields, title: 'Cat' } });
  await db.createPrompt({ userId: ada, promptId: randomUUID(), fields: { ...fields, prompt_text: 'a dog' } });
  await db.getPrompt({ userId: ada, promptId });
  await db.getPrompt({ userId: 'user_boris', promptId });
  const page = await db.listPrompts({ userId: ada, limit: 1, cursor: null });
  await db.listPrompts({ userId: ada, limit: 1, cursor: page.next_cursor });
  await db.hasPrompts({ userId: ada, count: 2 });
  await db.hasPrompts({ userId: ada, count: 3 });
  await db.updatePrompt({ userId: ada, promptId, fields: { title: null, prompt_text: 'two cats' } });
  await db.updatePrompt({ userId: ada, promptId, fields: {} });
  await db.updatePrompt({ userId: 'user_boris', promptId, fields: { title: 'mine' } });
  await db.createJob(
    newJob(ada, 'saved', { input: { ...newJob(ada, '').input, custom_prompt_id: promptId } }),
  );
  await db.deletePrompt({ userId: ada, promptId });
  await db.deletePrompt({ userId: ada, promptId });
}

async function webhooks(db: OpenDatabase, ada: string, query: Query): Promise<void> {
  const webhook = {
    url: 'https://receiver.test/in',
    events: ['job.canceled', 'job.completed'],
  } as NewJob['webhook'];
  const { id: jobId } = (await db.createJob(newJob(ada, 'told', { webhook }))).job;
  await db.cancelJob({ userId: ada, jobId });
  const claim = { limit: 5, again: 2, perHost: 3, busy: { 'other.test:443': 1 } };
  const [claimed] = await db.claimWebhooks(claim);
  await db.claimWebhooks(claim);
  const { id, attempt } = claimed!;
  const retry = { result: 'retry', status: 503, error: 'HTTP 503', delayMs: 1_500.5 } as const;
  await db.settleWebhook({ id, attempt, result: retry });
  await db.settleWebhook({ id, attempt: attempt + 1, result: retry });
  await db.listWebhooks({ userId: ada, jobId });
  await db.listWebhooks({ userId: 'user_boris', jobId });
  await db.replayWebhooks({ deliveryId: id });
  await db.replayWebhooks({ jobId });
  await refused(db.replayWebhooks({ deliveryId: randomUUID() }));
  await query(`delete from webhook_deliveries`);
}

async function upkeep(db: OpenDatabase, query: Query): Promise<void> {
  await db.adoptQueueEpoch({ epoch: 'a' });
  await db.adoptQueueEpoch({ epoch: 'a' });
  await query(`update job_runs set run_at = run_at - interval '10 seconds' where active`);
  const { due } = await db.sweep({ limit: 10 });
  await db.markDelivered(due);
  await query(`update job_runs set delivered_at = delivered_at - interval '2 minutes'`);
  await db.listDelivered({ limit: 10 });
  await db.markUndelivered(due);
  await db.claimRemovals({ limit: 10 });
  await refused(db.continueErasure({ userId: 'user_boris', objectsLeft: false }));
  await db.findOrphans({
    objects: [{ key: `users/u/jobs/${randomUUID()}/1-x.png`, modifiedAt: '2020-01-01T00:00:00Z' }],
  });
  await db.endOrphanTurn({ after: 'users/u' });
  await db.endOrphanTurn({ after: null });
  await db.audit();
  await db.runAudit();
  await db.readGauges();
}

async function accounts(db: OpenDatabase): Promise<void> {
  const at = '2026-11-22T10:00:00.000Z';
  const event = {
    id: 'evt_1',
    createdAt: at,
    userId: 'user_carla',
    email: 'carla@example.test',
    changedAt: at,
  };
  await db.takeClerkEvent({ ...event, type: 'user.created' }, { defaultCredits: 7 });
  await db.takeClerkEvent({ ...event, type: 'user.created' }, { defaultCredits: 7 });
  const paid: StripeEvent = {
    id: 'evt_2',
    type: 'customer.subscription.updated',
    createdAt: at,
    customer: 'cus_1',
    userId: 'user_carla',
    purchase: { reference: 'invoice:1', credits: 100, reason: 'pack', unknownPrices: [], note: null },
    subscription: { id: 'sub_1', status: 'active', priceId: 'price_1', currentPeriodEnd: at, rank: 1 },
  };
  await db.takeStripeEvent(paid);
  await db.takeStripeEvent(paid);
  await db.takeStripeEvent({ ...paid, id: 'evt_3', userId: 'nobody', customer: null, subscription: null });
  await db.getSubscription({ userId: 'user_carla' });
  await db.takeClerkEvent(
    { ...event, id: 'evt_4', type: 'user.deleted', email: null },
    { defaultCredits: 7 },
  );
  await db.continueErasure({ userId: 'user_carla', objectsLeft: true });
  await db.isUserDeleted({ userId: 'user_carla' });
  await db.isUserDeleted({ userId: 'user_ada' });
  await refused(db.ensureUser({ userId: 'user_carla', email: null, defaultCredits: 5 }));
  const fields = { prompt_text: 'x', title: null, thumbnail_url: null, secondary_image_url: null };
  await refused(db.createPrompt({ userId: 'user_carla', promptId: randomUUID(), fields }));
  await refused(db.createJob(newJob('user_carla', 'late')));
}
