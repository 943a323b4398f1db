import { randomUUID } from 'node:crypto';
import { operations } from '@darkroom/api/openapi/operations';
import { answers } from '@darkroom/api/openapi/schemas';
import { problems } from '@darkroom/api/problem/problem';
import Stripe from 'stripe';
import { beforeAll, expect, it } from 'vitest';
import { type DeploymentUser, sharedStripe, useSharedDeployment } from '../support/deployment.ts';
import { type Contract, openContract } from './contract.ts';

const deployment = useSharedDeployment();
let ada: DeploymentUser;
let call: Contract['call'];
let met: Contract['met'];
let metProblems: Contract['metProblems'];

beforeAll(async () => {
  ada = await deployment.user('ada');
  const { url } = await deployment.addApi({ MAX_ACTIVE_JOBS: '2' });
  ({ call, met, metProblems } = openContract({ url, token: ada.token }));
}, 120_000);

it('every call is answered as the contract says, when it goes well and when it does not', async () => {
  const served: any = await (await fetch(`${deployment.stack.api.url}/openapi.json`)).json();
  expect(served.openapi).toBe('3.1.0');
  const statuses: number[] = [];
  const status = async (...sent: Parameters<typeof call>) => {
    const reply = await call(...sent);
    statuses.push(reply.status);
    return reply;
  };

  const key = { 'idempotency-key': randomUUID() };
  const { body: made } = await status('createJob', { body: { prompt: 'a fox' }, headers: key });
  const id: string = made.job.id;
  await status('createJob', { body: { prompt: 'a fox' }, headers: key });
  await status('createJob', { body: { prompt: 'another' }, headers: key });
  await status('createJob', { body: { prompt: 'a fox' }, query: 'dry_run=true' });
  await ada.ended(id);
  const { headers } = await status('showJob', { id });
  await status('showJob', { id, headers: { 'if-none-match': headers.get('etag')! } });
  await status('followJob', { id });
  const { version } = await ada.job(id);
  await status('followJob', { id, headers: { 'last-event-id': String(version) } });
  await status('cancelJob', { id });
  await status('retryJob', { id });
  expect(statuses).toEqual([202, 200, 422, 200, 200, 304, 200, 204, 409, 409]);

  const slow = (await call('createJob', { body: { prompt: 'slow [latency: 10s]' } })).body.job.id;
  expect((await call('showJob', { id: slow })).status).toBe(200);
  expect((await call('retryJob', { id: slow })).body.code).toBe('job_not_finished');
  expect((await call('cancelJob', { id: slow })).body.status).toBe('canceled');
  expect((await call('retryJob', { id: slow })).status).toBe(202);
  expect((await call('retryJob', { id: slow })).status).toBe(200);

  const { body: prompt } = await call('createPrompt', { body: { prompt_text: 'ink', title: 'Ink' } });
  await call('showPrompt', { id: prompt.id });
  await call('updatePrompt', { id: prompt.id, body: { title: null } });
  for (const list of ['listJobs', 'listPrompts', 'listImages', 'listLedger']) {
    await call(list, { query: 'limit=1' });
    await call(list, { query: 'limit=0' });
  }
  await call('deletePrompt', { id: prompt.id });
  const { body: images } = await call('listImages');
  await call('deleteImage', { id: images.data[0].id });
  await call('listDeliveries', { id });
  await call('createUpload', { body: { content_type: 'image/png', content_length: 100 } });
  for (const read of ['followJobs', 'listModels', 'showMe', 'showLive', 'showReady']) await call(read);

  const { webhooks } = deployment.stack.parts.clerk!;
  const event = webhooks.userEvent('user.created', { id: ada.id, email: `${ada.id}@example.com` });
  const reply = await webhooks.send(`${deployment.stack.api.url}/webhooks/clerk`, event);
  const received = await reply.json();
  expect(answers.Received.parse(received)).toEqual(received);
  met.add(`receiveClerk ${reply.status}`);
  const payload = JSON.stringify({
    id: 'evt_1',
    object: 'event',
    type: 'ping',
    created: 1_700_000_000,
    data: { object: {} },
  });
  const signature = Stripe.webhooks.generateTestHeaderString({
    payload,
    secret: sharedStripe.STRIPE_WEBHOOK_SECRET,
  });
  const taken = await call('receiveStripe', { body: payload, headers: { 'stripe-signature': signature } });
  expect(taken.body).toEqual({ received: true, outcome: 'ignored' });

  for (const { id: operationId, path, body } of operations) {
    if (path.startsWith('/v1/')) expect((await call(operationId, { token: null })).status).toBe(401);
    if (path.includes('{id}')) {
      expect((await call(operationId, { body: body && { title: 'x' } })).status, operationId).toBe(404);
    }
    if (body && path.startsWith('/v1/')) {
      expect((await call(operationId, { body: '{' })).status).toBe(400);
      expect(
        (await call(operationId, { body: '{}', headers: { 'content-type': 'text/plain' } })).status,
      ).toBe(415);
      expect((await call(operationId, { body: { unknown: 1 } })).status).toBe(422);
    }
    if (path.startsWith('/webhooks/')) expect((await call(operationId, { body: {} })).status).toBe(400);
  }

  const listed = operations.flatMap(({ id: name, answers: told }) =>
    Object.keys(told).map((code) => `${name} ${code}`),
  );
  expect(listed.filter((answer) => !met.has(answer))).toEqual([]);
}, 60_000);

/** Told by a suite of its own, where the limit is low. */
const elsewhere = new Set<string>(['rate_limited', 'method_not_allowed', 'forbidden']);

it('every problem of the contract occurs once, as the contract says, with its fields', async () => {
  const cy = await deployment.user('cy');
  const as = { token: cy.token };
  const create = (body: unknown, headers = {}) => call('createJob', { ...as, body, headers });
  const job = { prompt: 'slow [latency: 60s]' };

  expect((await create('{')).body).toMatchObject({ status: 400, code: 'malformed_json' });
  expect((await call('receiveClerk', { body: {} })).body.code).toBe('invalid_signature');
  const stranger = await call('showMe', { token: 'nonsense' });
  expect(stranger.body).toMatchObject({ status: 401, code: 'unauthenticated' });
  expect(stranger.headers.get('www-authenticate')).toBe('Bearer');
  expect((await call('showJob', as)).body).toMatchObject({ status: 404, code: 'not_found' });
  expect((await create('{}', { 'content-type': 'text/plain' })).body.code).toBe('unsupported_media_type');
  const large = { prompt_text: 'x'.repeat(100_000) };
  const refused = await call('createPrompt', { ...as, body: large });
  expect(refused.body).toMatchObject({ status: 413, code: 'payload_too_large' });
  expect((await create({ prompt: '', aspect_ratio: 'wide' })).body).toMatchObject({
    status: 422,
    errors: [{ path: 'prompt' }, { path: 'aspect_ratio' }],
  });

  const first = await create(job, { 'idempotency-key': 'once' });
  const { id } = first.body.job;
  expect((await create({ prompt: 'another' }, { 'idempotency-key': 'once' })).body.code).toBe(
    'idempotency_key_reused',
  );
  expect((await call('retryJob', { ...as, id })).body).toMatchObject({
    status: 409,
    code: 'job_not_finished',
  });
  await create(job);
  const full = await create(job);
  expect(full.body).toMatchObject({ status: 429, code: 'too_many_active_jobs', limit: 2, active: 2 });
  expect(Number(full.headers.get('retry-after'))).toBeGreaterThan(0);
  for (const { id: open } of (await call('listJobs', as)).body.data)
    await call('cancelJob', { ...as, id: open });
  const { id: done } = await cy.submit({ prompt: 'a fox' });
  await cy.ended(done);
  expect((await call('cancelJob', { ...as, id: done })).body).toMatchObject({
    status: 409,
    code: 'job_already_finished',
  });
  await cy.supabase().rpc('spend_credits', { p_amount: 15, p_reference: cy.id }).throwOnError();
  expect((await create(job)).body).toMatchObject({
    status: 402,
    code: 'insufficient_credits',
    balance: 2,
    price: 3,
  });

  for (let n = 0; n < 100; n += 1) {
    await call('createUpload', { ...as, body: { content_type: 'image/png', content_length: 9 } });
  }
  const held = await call('createUpload', { ...as, body: { content_type: 'image/png', content_length: 9 } });
  expect(held.body).toMatchObject({ status: 429, code: 'too_many_uploads', limit: 100 });
  expect(Number(held.headers.get('retry-after'))).toBeGreaterThan(0);
  await deployment.query(
    `insert into custom_prompts (user_id, prompt_text) select $1, 'ink ' || n from generate_series(1, 1000) n`,
    [cy.id],
  );
  expect((await call('createPrompt', { ...as, body: { prompt_text: 'one more' } })).body).toMatchObject({
    status: 422,
    code: 'too_many_prompts',
    limit: 1_000,
  });

  const cut = await deployment.addApi({ SUPABASE_URL: 'http://127.0.0.1:9' });
  const away = await call('showMe', { ...as, url: cut.url });
  expect(away.body).toMatchObject({ status: 503, code: 'service_unavailable' });
  expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
  cut.child.kill('SIGTERM');
  await cut.exited;

  await deployment.query('revoke execute on function list_prompts from service_role');
  const broken = await call('listPrompts', as);
  await deployment.query('grant execute on function list_prompts to service_role');
  expect(Object.keys(broken.body)).toEqual(['type', 'title', 'status', 'detail', 'code', 'request_id']);
  expect(broken.body).toMatchObject({ status: 500, code: 'internal_error' });
  expect(JSON.stringify(broken.body)).not.toContain('list_prompts');

  const missing = Object.keys(problems).filter((code) => !elsewhere.has(code));
  expect([...metProblems].toSorted()).toEqual(missing.toSorted());
}, 60_000);
