import { jobFields } from '@darkroom/core/job/job';
import { webhookEvents } from '@darkroom/core/job/webhook-events';
import { expect, test } from 'vitest';
import { problems } from '../problem/problem.ts';
import { createTestApi } from '../testing/test-api.ts';
import { bodies } from './bodies.ts';
import { describeApi } from './describe-api.ts';
import { answerExamples, bodyExamples } from './examples.ts';
import { operations, problemsOf } from './operations.ts';
import { answers, job, jobEvent, problem } from './schemas.ts';

const { app } = await createTestApi();
const document = describeApi();

test('the document has every route and no other', () => {
  const routes = app.routes
    .filter(({ method, path }) => method !== 'ALL' && /^\/(v1|webhooks|health)\//.test(path))
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(documented.toSorted()).toEqual([...new Set(routes)].toSorted());
});

test('the job schema has all fields in their order', () => {
  expect(Object.keys(job.shape)).toEqual([...jobFields]);
});

test('every problem belongs to an operation, except those of no operation', () => {
  const documented = new Set(operations.flatMap(problemsOf));
  const elsewhere = ['method_not_allowed', 'forbidden'];
  const codes = Object.keys(problems).filter((code) => !elsewhere.includes(code));
  expect([...documented].toSorted()).toEqual(codes.toSorted());
});

test('every body, response and problem has an example that matches its schema', () => {
  for (const [name, schema] of Object.entries(answers)) {
    expect(schema.parse(answerExamples[name as keyof typeof answers]), name).toEqual(
      answerExamples[name as keyof typeof answers],
    );
  }
  for (const [name, schema] of Object.entries(bodies)) {
    expect(schema.safeParse(bodyExamples[name as keyof typeof bodies]).success, name).toBe(true);
  }
  const shown = Object.values(document.paths)
    .flatMap((methods) => Object.values(methods))
    .flatMap(({ responses }) => Object.values(responses))
    .flatMap(({ content }) => Object.values(content?.['application/problem+json']?.examples ?? {}));
  for (const { value } of shown) expect(problem.parse(value)).toEqual(value);
});

test('every webhook event has an example that matches its schema', () => {
  expect(Object.keys(document.webhooks)).toEqual([...webhookEvents]);
  for (const [event, { post }] of Object.entries(document.webhooks)) {
    const { schema, example } = post.requestBody!.content['application/json']!;
    expect(schema).toEqual({ $ref: '#/components/schemas/JobEvent' });
    expect(jobEvent.parse(example)).toEqual(example);
    expect(example).toMatchObject({ type: event, data: { status: event.replace('job.', '') } });
  }
});

test('every schema reference resolves, and operation ids are unique', () => {
  const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g);
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name!);
  const ids = operations.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test('request schemas keep the limits of the routes', () => {
  const { properties } = document.components.schemas.JobRequest as { properties: Record<string, object> };
  expect(properties.prompt).toMatchObject({ type: ['string', 'null'], maxLength: 4_000 });
  const { parameters } = document.paths['/v1/jobs']!.get!;
  expect(parameters.find(({ name }) => name === 'limit')?.schema).toEqual({
    type: 'integer',
    minimum: 1,
    maximum: 100,
  });
});

test('the document is public and revalidates with an ETag', async () => {
  const response = await app.request('/openapi.json');
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
  expect(await response.json()).toEqual(document);
  const again = await app.request('/openapi.json', {
    headers: { 'If-None-Match': response.headers.get('etag')! },
  });
  expect(again.status).toBe(304);
});

test('the docs page has every operation, and runs and fetches nothing', async () => {
  const response = await app.request('/docs');
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(response.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'unsafe-inline';/,
  );
  const page = await response.text();
  for (const { id, summary } of operations) {
    expect(page).toContain(`<section id="${id}"`);
    expect(page).toContain(summary);
  }
  expect(page).not.toMatch(/<script|<link|<img|@import|\surl\(|\[object|undefined/);
  const live = await app.request('/health/live');
  expect(live.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
});
