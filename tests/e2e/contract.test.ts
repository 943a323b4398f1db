import { randomUUID } from 'node:crypto';
import { operations, problemsOf } from '@darkroom/api/openapi/operations';
import { answers, problem } from '@darkroom/api/openapi/schemas';
import { type ProblemCode, problems } from '@darkroom/api/problem/problem';
import fc from 'fast-check';
import Stripe from 'stripe';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSystem, type System, type SystemUser } from './system.ts';

const stripeSecret = 'whsec_of_the_test';
let system: System;
let ada: SystemUser;
/** What was answered at all, as `operation status`. */
const met = new Set<string>();

beforeAll(async () => {
  system = await openSystem({ overrides: { STRIPE_WEBHOOK_SECRET: stripeSecret } });
  ada = await system.user('ada');
}, 120_000);
afterAll(() => system.close(), 120_000);

interface Sent {
  id?: string;
  query?: string;
  headers?: Record<string, string>;
  body?: unknown;
  token?: string | null;
}

/** Sends one call and holds the answer against the contract; of a stream, its beginning. */
async function call(operationId: string, sent: Sent = {}) {
  const operation = operations.find(({ id }) => id === operationId)!;
  const { token = ada.token, body } = sent;
  const abort = new AbortController();
  const path = operation.path.replace('{id}', encodeURIComponent(sent.id ?? randomUUID()));
  const response = await fetch(`${system.stack.api.url}${path}${sent.query ? `?${sent.query}` : ''}`, {
    method: operation.method.toUpperCase(),
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...sent.headers,
    },
    body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    signal: abort.signal,
  });
  const { status } = response;
  met.add(`${operationId} ${status}`);
  const type = response.headers.get('content-type') ?? '';
  const said = `${operationId} ${JSON.stringify(sent).slice(0, 2_000)} was answered ${status}`;

  if (type.startsWith('text/event-stream')) {
    expect(operation.answers[status]?.body, said).toBe('events');
    abort.abort();
    return { status, headers: response.headers, body: null };
  }
  const text = await response.text();
  expect(text, said).not.toMatch(/\bat .+:\d+:\d+|node_modules|\.ts:\d/);
  if (type.startsWith('application/problem+json')) {
    const told = JSON.parse(text);
    expect(problem.parse(told), said).toEqual(told);
    expect(problemsOf(operation), said).toContain(told.code);
    expect(problems[told.code as ProblemCode].status, said).toBe(status);
    return { status, headers: response.headers, body: told };
  }
  const answer = operation.answers[status];
  expect(answer, `${said}: ${text.slice(0, 500)}`).toBeDefined();
  for (const header of answer!.headers ?? []) {
    // The others depend on what was asked.
    if (header === 'ETag' || (header === 'Location' && status === 202)) {
      expect(response.headers.has(header), said).toBe(true);
    }
  }
  if (answer!.body === undefined || answer!.body === 'events') {
    expect(text, said).toBe('');
    return { status, headers: response.headers, body: null };
  }
  const told = JSON.parse(text);
  // What the schema does not name would be missing from what it reads.
  expect(answers[answer!.body].parse(told), said).toEqual(told);
  return { status, headers: response.headers, body: told };
}

it('every call is answered as the contract says, when it goes well and when it does not', async () => {
  const served = await (await fetch(`${system.stack.api.url}/openapi.json`)).json();
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

  const { webhooks } = system.stack.parts.clerk!;
  const event = webhooks.userEvent('user.created', { id: ada.id, email: `${ada.id}@example.com` });
  const reply = await webhooks.send(`${system.stack.api.url}/webhooks/clerk`, event);
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
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: stripeSecret });
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

it('no request that can be made of the contract, well or badly, gets an answer outside of it', async () => {
  const boris = await system.user('boris');
  const job = await boris.submit({ prompt: 'his' });
  await boris.ended(job.id);
  const document: any = await (await fetch(`${system.stack.api.url}/openapi.json`)).json();
  const nasty = fc.constantFrom(
    '',
    '0',
    '-1',
    'null',
    '%00',
    "' or 1=1 --",
    '\u202e',
    '1e9',
    '[]',
    'é'.repeat(600),
  );
  const ids = fc.constantFrom(job.id, job.id.toUpperCase(), randomUUID(), '0', '..', 'a b', '%');

  /** Mostly what the schema asks for, now and then anything else. */
  function perhaps(schema: any): fc.Arbitrary<unknown> {
    const fitting = fittingOf(schema);
    return fc.oneof(
      { weight: 5, arbitrary: fitting },
      { weight: 1, arbitrary: fc.oneof(nasty, fc.jsonValue()) },
    );
  }
  function fittingOf(schema: any): fc.Arbitrary<unknown> {
    if (schema.$ref) return fittingOf(document.components.schemas[schema.$ref.split('/').at(-1)]);
    if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fittingOf));
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (Array.isArray(schema.type))
      return fc.oneof(...schema.type.map((type: string) => fittingOf({ ...schema, type })));
    if (schema.type === 'null') return fc.constant(null);
    if (schema.type === 'boolean') return fc.boolean();
    if (schema.type === 'integer') {
      return fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 100, 1e9) });
    }
    if (schema.type === 'array') return fc.array(fittingOf(schema.items), { maxLength: 4 });
    if (schema.type === 'object') {
      if (!schema.properties) return fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 });
      const fields = Object.entries(schema.properties).map(([name, field]) => [name, perhaps(field)]);
      return fc.record(Object.fromEntries(fields), { requiredKeys: schema.required ?? [] });
    }
    if (schema.format === 'uuid') return fc.oneof(ids, fc.uuid());
    if (schema.pattern && schema.pattern !== '\\S') return fc.stringMatching(new RegExp(schema.pattern));
    return fc.string({ unit: 'binary', maxLength: Math.min(schema.maxLength ?? 200, 200) });
  }
  const headerValue = (name: string) =>
    name === 'Prefer' ? fc.constantFrom('wait=1', 'wait=x', '') : fc.stringMatching(/^[\x21-\x7e]{0,30}$/);

  const request = fc.constantFrom(...operations).chain((operation) => {
    const { parameters, requestBody } = document.paths[operation.path][operation.method];
    const named = (where: string) => parameters.filter((parameter: any) => parameter.in === where);
    const query = Object.fromEntries(
      named('query').map(({ name, schema }: any) => [name, name === 'wait' ? nasty : perhaps(schema)]),
    );
    const headers = Object.fromEntries(named('header').map(({ name }: any) => [name, headerValue(name)]));
    return fc.record({
      operationId: fc.constant(operation.id),
      id: ids,
      query: fc.record(query, { requiredKeys: [] }),
      headers: fc.record(headers, { requiredKeys: [] }),
      body: requestBody ? perhaps(requestBody.content['application/json'].schema) : fc.constant(undefined),
    });
  });

  await fc.assert(
    fc.asyncProperty(request, async ({ operationId, id, query, headers, body }) => {
      // These would be another path to fetch.
      if (['.', '..'].includes(id)) return;
      const pairs = Object.entries(query).map(([name, value]) => [name, String(value).toWellFormed()]);
      const reply = await call(operationId, {
        id,
        query: new URLSearchParams(pairs as [string, string][]).toString(),
        headers: headers as Record<string, string>,
        body: body === undefined ? undefined : JSON.stringify(body),
        token: boris.token,
      });
      // Hundreds of requests are made to be refused, none to break anything.
      expect(reply.status, operationId).toBeLessThan(500);
    }),
    { numRuns: 400, seed: 20_260_301, endOnFailure: true },
  );
  expect(await system.audit()).toEqual([]);
}, 60_000);
