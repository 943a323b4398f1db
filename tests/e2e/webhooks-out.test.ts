import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import type { WebhookDelivery } from '@darkroom/db/webhooks/webhooks';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type Deployment, type DeploymentUser, openDeployment } from '../support/deployment.ts';
import { openReceiver, type Receiver, taken } from '../support/receiver.ts';

const secret = `whsec_${randomBytes(32).toString('base64')}`;
const root = path.resolve(import.meta.dirname, '../..');

let deployment: Deployment;
let ada: DeploymentUser;
let receiver: Receiver;

beforeAll(async () => {
  receiver = await openReceiver(secret);
  deployment = await openDeployment({
    workers: 1,
    overrides: {
      WEBHOOK_SIGNING_SECRET: secret,
      WEBHOOK_ALLOW_PRIVATE: 'true',
      SHUTDOWN_GRACE: '3s',
      DEFAULT_CREDITS: '200',
      MAX_ACTIVE_JOBS: '50',
    },
  });
  ada = await deployment.user('ada');
}, 120_000);
afterEach(() => receiver.answerWith(taken));
afterAll(async () => {
  const audit = await deployment.audit();
  await deployment.close();
  await receiver.close();
  expect(audit).toEqual([]);
  expect(receiver.rejected, 'messages that the library did not verify').toEqual([]);
}, 120_000);

const submit = (input: object = {}) => ada.submit({ prompt: 'a fox', webhook_url: receiver.url(), ...input });

const deliveries = async (jobId: string): Promise<WebhookDelivery[]> =>
  (await ada.get(`/v1/jobs/${jobId}/deliveries`)).body.data;

/** The job's only delivery, once it fits. */
const delivery = (jobId: string, fits: (delivery: WebhookDelivery) => boolean) =>
  vi.waitFor(
    async () => {
      const [one] = await deliveries(jobId);
      expect(one && fits(one), JSON.stringify(one)).toBe(true);
      return one!;
    },
    { timeout: 30_000, interval: 50 },
  );

/** Instead of waiting for hours. What is written as its error from then on is the next attempt's. */
const comeDue = (jobId: string) =>
  deployment.query(
    `update webhook_deliveries set next_attempt_at = now(), last_error = null
     where job_id = $1 and status = 'pending'`,
    [jobId],
  );

it('sends every ending, signed, with the object that the API shows', async () => {
  const completed = await submit({ metadata: { n: 1 }, webhook_events: ['job.processing', 'job.completed'] });
  const failed = await submit({ prompt: 'a fox [fault: blocked]' });
  const canceled = await submit({ prompt: 'a fox [latency: 20s]' });
  expect((await ada.post(`/v1/jobs/${canceled.id}/cancel`)).status).toBe(200);
  await receiver.until(() => receiver.received.length >= 4);

  const seen = (jobId: string) => receiver.of(jobId).map(({ event }) => event.type);
  expect(seen(completed.id).sort()).toEqual(['job.completed', 'job.processing']);
  expect(seen(failed.id)).toEqual(['job.failed']);
  expect(seen(canceled.id)).toEqual(['job.canceled']);
  for (const { id } of [completed, failed, canceled]) {
    const { urls: _, ...shown } = (await ada.get(`/v1/jobs/${id}`)).body;
    const last = receiver.of(id).find(({ event }) => event.type !== 'job.processing')!;
    expect(last.event.data).toEqual(shown);
    expect(last.event.type).toBe(`job.${shown.status}`);
    expect(Date.parse(last.event.timestamp)).toBe(Date.parse(shown.completed_at));
  }
  const processing = receiver.of(completed.id).find(({ event }) => event.type === 'job.processing')!;
  expect(processing.event.data).toMatchObject({ status: 'processing', attempt: 1, output_image_url: null });
}, 60_000);

it('shows the webhook deliveries to the job’s owner, and the address nowhere else', async () => {
  const job = await submit({ webhook_url: receiver.url('/s3cret') });
  expect(await delivery(job.id, ({ status }) => status === 'delivered')).toEqual({
    id: receiver.of(job.id)[0]!.id,
    type: 'job.completed',
    url: receiver.url('/s3cret'),
    status: 'delivered',
    attempts: 1,
    next_attempt_at: null,
    last_status: 204,
    last_error: null,
    created_at: expect.any(String),
    delivered_at: expect.any(String),
  });
  const boris = await deployment.user('boris');
  expect((await boris.get(`/v1/jobs/${job.id}/deliveries`)).status).toBe(404);
  expect(JSON.stringify(await ada.job(job.id))).not.toContain('s3cret');
  for (const table of ['webhook_deliveries', 'job_webhooks']) {
    expect((await ada.supabase().from(table).select('*')).error?.code).toBe('42501');
  }
}, 60_000);

it('delivers each event, once per id, to a receiver that was down for hours', async () => {
  await receiver.down();
  const job = await submit();
  const refused = (attempt: number) =>
    delivery(job.id, ({ attempts, last_error }) => attempts === attempt && last_error !== null);
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 6; attempt += 1) {
    const { next_attempt_at, ...told } = await refused(attempt);
    expect(told).toMatchObject({
      status: 'pending',
      last_status: null,
      last_error: 'no answer: ECONNREFUSED',
    });
    waits.push(Date.parse(next_attempt_at!) - Date.now());
    if (attempt < 6) await comeDue(job.id);
  }
  expect(waits).toEqual([...waits].sort((a, b) => a - b));
  expect(waits.at(-1)).toBeGreaterThan(40 * 60_000);
  await receiver.up();
  await comeDue(job.id);
  const { id } = await delivery(job.id, ({ status, attempts }) => status === 'delivered' && attempts === 7);
  expect(receiver.of(job.id).map((received) => received.id)).toEqual([id]);
}, 90_000);

it('sends an event again under the same id when its sender was killed before the answer arrived', async () => {
  receiver.answerWith(() => {});
  const victim = deployment.stack.workers.at(-1)!;
  const job = await submit();
  await receiver.until(() => receiver.of(job.id).length === 1);
  victim.child.kill('SIGKILL');
  await victim.exited;
  receiver.answerWith(taken);
  await deployment.stack.addWorker();
  expect((await deliveries(job.id))[0]).toMatchObject({ status: 'pending', attempts: 1, last_error: null });
  await comeDue(job.id);
  const done = await delivery(job.id, ({ status }) => status === 'delivered');
  expect(done.attempts).toBe(2);
  expect(receiver.of(job.id).map(({ id }) => id)).toEqual([done.id, done.id]);
}, 90_000);

it('delays no other webhook for receivers that hang, redirect or never stop sending', async () => {
  receiver.answerWith((response, { path: at }) => {
    if (at === '/hang') return;
    if (at === '/redirect') return void response.writeHead(308, { location: receiver.url('/stolen') }).end();
    if (at === '/gone') return void response.writeHead(410).end();
    response.writeHead(200);
    if (at === '/endless') {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      return more();
    }
    response.end();
  });
  const at = (name: string) => submit({ webhook_url: receiver.url(name) });
  const hanging = await at('/hang');
  await receiver.until(() => receiver.of(hanging.id).length === 1);
  const [redirecting, gone, endless, fine] = await Promise.all(
    ['/redirect', '/gone', '/endless', '/fine'].map(at),
  );
  expect(await delivery(redirecting!.id, (one) => one.last_error !== null)).toMatchObject({
    status: 'pending',
    last_status: 308,
    last_error: 'answered 308: redirects are not followed',
  });
  expect(await delivery(gone!.id, (one) => one.status !== 'pending')).toMatchObject({
    status: 'failed',
    attempts: 1,
    last_status: 410,
  });
  expect(await delivery(endless!.id, (one) => one.status !== 'pending')).toMatchObject({
    status: 'delivered',
  });
  expect(await delivery(fine!.id, (one) => one.status !== 'pending')).toMatchObject({ status: 'delivered' });
  expect(await delivery(hanging.id, (one) => one.last_error !== null)).toMatchObject({
    status: 'pending',
    last_error: 'no answer within 10 s',
  });
  expect(receiver.received.some(({ path: where }) => where === '/stolen')).toBe(false);
}, 90_000);

it('sends again what the operator replays', async () => {
  receiver.answerWith((response) => void response.writeHead(410).end());
  const job = await submit();
  const { id } = await delivery(job.id, ({ status }) => status === 'failed');
  receiver.answerWith(taken);
  const ops = async (...args: string[]) =>
    promisify(execFile)(process.execPath, [path.join(root, 'apps/ops/src/main.ts'), ...args], {
      env: { ...process.env, ...deployment.stack.variables },
    });
  const { stdout } = await ops('webhooks', 'replay', '--job', job.id);
  expect(stdout).toContain(id);
  const done = await delivery(job.id, ({ status }) => status === 'delivered');
  expect(done).toMatchObject({ id, attempts: 2 });
  await ops('webhooks', 'replay', id);
  await receiver.until(() => receiver.of(job.id).length === 3);
  expect(new Set(receiver.of(job.id).map((one) => one.id))).toEqual(new Set([id]));
  await expect(ops('webhooks', 'replay', job.id)).rejects.toMatchObject({ code: 1 });
}, 60_000);

it('refuses private addresses in production, in the request and again when sending', async () => {
  const production = { WEBHOOK_ALLOW_PRIVATE: 'false' };
  const strict = await deployment.addApi(production);
  for (const webhook_url of [
    receiver.url(),
    'https://127.0.0.1/',
    'https://169.254.169.254/',
    'https://[::1]/',
  ]) {
    const reply = await fetch(`${strict.url}/v1/jobs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'a fox', webhook_url }),
    });
    expect(reply.status).toBe(422);
    expect(await reply.json()).toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'webhook_url' }],
    });
  }

  await deployment.stack.addWorker(production);
  for (const worker of deployment.stack.workers.slice(0, -1)) {
    worker.child.kill('SIGTERM');
    await worker.exited;
  }
  const job = await submit({ webhook_url: receiver.url('/inner') });
  expect(await delivery(job.id, ({ status }) => status !== 'pending')).toMatchObject({
    status: 'failed',
    attempts: 1,
    last_status: null,
    last_error: 'the address is not on the public internet',
  });
  expect(receiver.of(job.id)).toEqual([]);
}, 90_000);

it('accepts no webhook_url without a signing secret', async () => {
  const silent = await deployment.addApi({ WEBHOOK_SIGNING_SECRET: '' });
  const reply = await fetch(`${silent.url}/v1/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ prompt: 'a fox', webhook_url: 'https://hooks.example.com/' }),
  });
  expect(reply.status).toBe(422);
  expect(((await reply.json()) as { detail: string }).detail).toContain('WEBHOOK_SIGNING_SECRET');
}, 60_000);
