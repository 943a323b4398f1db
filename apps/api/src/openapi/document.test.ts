import { jobFields } from '@darkroom/core/job/job';
import { webhookEvents } from '@darkroom/core/webhook/events';
import { expect, it } from 'vitest';
import { problems } from '../problem/problem.ts';
import { createTestApi } from '../testing/test-api.ts';
import { bodies } from './bodies.ts';
import { describeApi } from './document.ts';
import { answerExamples, bodyExamples } from './examples.ts';
import { operations, problemsOf } from './operations.ts';
import { answers, job, jobEvent, problem } from './schemas.ts';

const { app } = await createTestApi();
const document = describeApi();

it('tells of every route, and of no other', () => {
  const routes = app.routes
    .filter(({ method, path }) => method !== 'ALL' && /^\/(v1|webhooks|health)\//.test(path))
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`);
  const told = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  expect(told.toSorted()).toEqual([...new Set(routes)].toSorted());
});

it('shows the job with all of its fields, in their order', () => {
  expect(Object.keys(job.shape)).toEqual([...jobFields]);
});

it('tells of every problem somewhere but those that belong to no call of an app', () => {
  const told = new Set(operations.flatMap(problemsOf));
  const elsewhere = ['method_not_allowed', 'forbidden'];
  const codes = Object.keys(problems).filter((code) => !elsewhere.includes(code));
  expect([...told].toSorted()).toEqual(codes.toSorted());
});

it('has an example for every body, answer and problem, each as its schema says', () => {
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

it('tells of every message to a webhook_url, with an example as its schema says', () => {
  expect(Object.keys(document.webhooks)).toEqual([...webhookEvents]);
  for (const [event, { post }] of Object.entries(document.webhooks)) {
    const { schema, example } = post.requestBody!.content['application/json']!;
    expect(schema).toEqual({ $ref: '#/components/schemas/JobEvent' });
    expect(jobEvent.parse(example)).toEqual(example);
    expect(example).toMatchObject({ type: event, data: { status: event.replace('job.', '') } });
  }
});

it('refers only to schemas that it holds, and names each call once', () => {
  const references = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g);
  for (const [, name] of references) expect(document.components.schemas).toHaveProperty(name!);
  const ids = operations.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

it('says of a request what the route says of it', () => {
  const { properties } = document.components.schemas.JobRequest as { properties: Record<string, object> };
  expect(properties.prompt).toMatchObject({ type: ['string', 'null'], maxLength: 4_000 });
  const { parameters } = document.paths['/v1/jobs']!.get!;
  expect(parameters.find(({ name }) => name === 'limit')?.schema).toEqual({
    type: 'integer',
    minimum: 1,
    maximum: 100,
  });
});

it('is served to whoever asks, and asked about again for nothing', async () => {
  const response = await app.request('/openapi.json');
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('public, max-age=300');
  expect(await response.json()).toEqual(document);
  const again = await app.request('/openapi.json', {
    headers: { 'If-None-Match': response.headers.get('etag')! },
  });
  expect(again.status).toBe(304);
});

it('is a page too, that runs and fetches nothing', async () => {
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
