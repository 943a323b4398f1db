import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { catalog, type MetricName, type MetricsProcess } from '@darkroom/core/runtime/metrics/catalog';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDeployed } from '../deploy/deployed.ts';
import { type Deployment, type DeploymentUser, openDeployment } from '../support/deployment.ts';

interface ReceivedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  service: string;
  attributes: Record<string, unknown>;
}

const token = 'token-that-the-metrics-ask-for';
const prompt = 'a fox that nobody may read about';
let collector: Awaited<ReturnType<typeof openCollector>>;
let deployment: Deployment;
let ada: DeploymentUser;

beforeAll(async () => {
  collector = await openCollector();
  deployment = await openDeployment({
    workers: 1,
    overrides: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=key-of-the-collector',
      METRICS_TOKEN: token,
      // Trusts this test as a proxy, so that the API continues its traces.
      TRUSTED_PROXIES: 'private',
    },
  });
  ada = await deployment.user('ada');
});
afterAll(async () => {
  await deployment?.close();
  await collector?.close();
});

it('keeps one trace from the request of a client to the end of its job', async () => {
  const traceId = 'c0ffee'.padEnd(32, '0');
  const job = await ada.submit({ prompt }, { traceparent: `00-${traceId}-${'ab'.repeat(8)}-01` });
  await ada.ended(job.id);
  const spans = await collector.until((all) => {
    const names = all.filter((span) => span.traceId === traceId).map(({ name }) => name);
    return ['settle', 'store', 'process generation', 'POST /v1/jobs'].every((name) => names.includes(name));
  });
  const own = spans.filter((span) => span.traceId === traceId);
  const at = (name: string) => own.find((span) => span.name === name)!;
  const pathTo = (span: ReceivedSpan): string[] => {
    const parent = own.find(({ spanId }) => spanId === span.parentSpanId);
    return [...(parent ? pathTo(parent) : []), span.name];
  };
  // BullMQ's own name for the span, which differs by backend.
  const added = expect.stringMatching(/^add/);
  const run = ['POST /v1/jobs', added, 'process generation'];
  expect(at('POST /v1/jobs')).toMatchObject({ parentSpanId: 'ab'.repeat(8), service: 'darkroom-api' });
  expect(pathTo(at('claim'))).toEqual([...run, 'claim']);
  expect(pathTo(at('model call'))).toEqual([...run, 'render', 'model call']);
  expect(pathTo(at('store'))).toEqual([...run, 'render', 'store']);
  expect(pathTo(at('settle'))).toEqual([...run, 'settle']);
  expect(at('claim')).toMatchObject({
    service: 'darkroom-worker',
    attributes: { 'darkroom.job_id': job.id },
  });
});

it('keeps the trace of a job that was never enqueued when the sweep delivers it', async () => {
  const [traceId, request] = ['decade'.padEnd(32, '1'), 'cd'.repeat(8)];
  const headers = { 'x-darkroom-trace': `00-${traceId}-${request}-01` };
  // As the API creates it, without enqueueing it.
  const [made] = await deployment.query(
    `select set_config('request.headers', $1, true), create_job($2, $3, 3, 'swept', 'hash') as accepted`,
    [
      JSON.stringify(headers),
      ada.id,
      JSON.stringify({ prompt, model_requested: 'gemini-nano-banana-2.1', fallback: true }),
    ],
  );
  await ada.ended(made!.accepted.job.id);
  const spans = await collector.until((all) =>
    all.some((span) => span.traceId === traceId && span.name === 'process generation'),
  );
  const own = spans.filter((span) => span.traceId === traceId);
  expect(own.find(({ name }) => name === 'process generation')).toMatchObject({ parentSpanId: request });
  expect(own.map(({ name }) => name)).toEqual(expect.arrayContaining(['claim', 'model call', 'settle']));
});

it('records the spans of jobs and requests, and no periodic work', async () => {
  await ada.get('/health/ready');
  const names = new Set(collector.spans.filter(({ parentSpanId }) => !parentSpanId).map(({ name }) => name));
  for (const name of names) expect(name).toMatch(/^(GET|POST|DELETE|PATCH) \/v1\//);
});

it('sends no prompt, token or key along with a trace, and logs none', async () => {
  expect(collector.headers).toContainEqual(expect.objectContaining({ 'x-key': 'key-of-the-collector' }));
  const logs = await Promise.all(
    ['api-1', 'worker-2'].map((name) =>
      readFile(path.join(deployment.stack.runFolder, `${name}.log`), 'utf8'),
    ),
  );
  const secrets = [
    prompt,
    ada.token,
    token,
    'key-of-the-collector',
    deployment.stack.variables.SUPABASE_SECRET_KEY!,
    deployment.stack.variables.R2_SECRET_ACCESS_KEY!,
    deployment.stack.variables.CLERK_SECRET_KEY!,
  ];
  for (const text of [...collector.bodies, ...logs]) {
    for (const secret of secrets) expect(text).not.toContain(secret);
  }
});

it('has the id of the job on every line of a run, and of the request on every line of the API about one', async () => {
  const job = await ada.submit({ prompt });
  await ada.ended(job.id);
  const lines = async (name: string) =>
    (await readFile(path.join(deployment.stack.runFolder, `${name}.log`), 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line));
  const ofRuns = /^(job_|model_call_|image_stored|delivery_handler_failed)/;
  for (const line of await lines('worker-2')) {
    if (ofRuns.test(line.event)) expect(line, line.event).toMatchObject({ job_id: expect.any(String) });
  }
  for (const line of await lines('api-1')) {
    if (/^(job_|request_)/.test(line.event)) {
      expect(line, line.event).toMatchObject({ request_id: expect.any(String) });
    }
  }
  expect((await lines('worker-2')).filter(({ job_id }) => job_id === job.id).length).toBeGreaterThan(2);
});

const metricsOf = (which: MetricsProcess) =>
  which === 'api' ? `${deployment.stack.api.url}/metrics` : deployment.stack.workers[0]!.metricsUrl;

it.each(['api', 'worker'] as const)(
  'shows the metrics of the %s to the holder of the token alone',
  async (which) => {
    expect((await fetch(metricsOf(which))).status).toBe(401);
    const wrong = { authorization: 'Bearer token-of-the-metric' };
    expect((await fetch(metricsOf(which), { headers: wrong })).status).toBe(401);
    const right = await fetch(metricsOf(which), { headers: { authorization: `Bearer ${token}` } });
    expect(right.status).toBe(200);
    expect(right.headers.get('content-type')).toMatch(/^text\/plain/);
  },
);

it('exposes every metric of the catalog, and so every one that dashboards and alerts use', async () => {
  // Something of everything: a fallback, a refund, a cancellation, a stream.
  const fallback = await ada.submit({ prompt: 'a fox [fault: 404 gemini-nano-banana-2.1]' });
  const blocked = await ada.submit({ prompt: 'a fox [fault: blocked]' });
  await Promise.all([ada.ended(fallback.id), ada.ended(blocked.id)]);

  const shown = { api: await scrape('api'), worker: await scrape('worker') };
  for (const [name, { of, type }] of Object.entries(catalog)) {
    for (const which of of) {
      expect(shown[which].types.get(name), `${name} of the ${which}`).toBe(type);
    }
  }
  for (const which of ['api', 'worker'] as const) {
    for (const name of shown[which].types.keys()) expect(Object.keys(catalog)).toContain(name);
  }

  const deployed = await readDeployed();
  const missing = deployed.flatMap(({ where, metrics }) =>
    metrics
      .filter((name) => !shown.api.samples.has(name) && !shown.worker.samples.has(name))
      .map((name) => `${where}: ${name}`),
  );
  expect(
    missing.filter(
      (one) => !mayBeSilent.has(one.split(': ')[1]!.replace(/_bucket|_sum|_count/, '') as MetricName),
    ),
  ).toEqual([]);

  const value = (which: MetricsProcess, sample: string) => shown[which].values.get(sample);
  expect(
    value('worker', 'darkroom_model_calls_total{model="gemini-nano-banana-2.1",code="model_unavailable"}'),
  ).toBe(1);
  expect(value('worker', 'darkroom_model_fallbacks_total{model="gemini-3-pro-image"}')).toBeGreaterThan(0);
  expect(value('worker', 'darkroom_breaker_state{model="gemini-nano-banana-2.1",state="open"}')).toBe(1);
  expect(value('worker', 'darkroom_worker_ready')).toBe(1);
  expect(value('worker', 'darkroom_workers')).toBe(1);
  expect(value('worker', 'darkroom_upload_seconds_count')).toBeGreaterThan(0);
  expect(value('worker', 'darkroom_job_wait_seconds_count')).toBeGreaterThan(0);
  for (const which of ['api', 'worker'] as const) {
    expect(value(which, 'darkroom_unsettled_refunds')).toBe(0);
    expect(value(which, 'darkroom_ledger_drift_credits')).toBe(0);
    expect(value(which, 'darkroom_database_up')).toBe(1);
    expect(value(which, 'darkroom_queue_up')).toBe(1);
    expect(value(which, 'darkroom_jobs_ended_total{status="failed",code="content_blocked"}')).toBe(1);
    expect(value(which, 'darkroom_refunds_total{code="content_blocked"}')).toBe(1);
  }
  const request = 'darkroom_http_request_seconds_count{method="POST",route="/v1/jobs",status="202"}';
  expect(value('api', request)).toBeGreaterThan(3);
});

it('lets no client add labels: strange methods, routes and models are shown as others', async () => {
  for (let n = 0; n < 150; n += 1) await fetch(`${deployment.stack.api.url}/none/${n}?q=${n}`);
  const { values } = await scrape('api');
  const routes = [...values.keys()].filter((key) => key.includes('/none/'));
  expect(routes).toEqual([]);
  expect(values.get('darkroom_http_request_seconds_count{method="GET",route="other",status="404"}')).toBe(
    150,
  );
});

/** They show nothing as long as nothing went wrong, or before the first audit. */
const mayBeSilent = new Set<MetricName>([
  'darkroom_audit_problems',
  'darkroom_audit_age_seconds',
  'darkroom_errors_total',
  'darkroom_sweep_rows_total',
  'darkroom_webhooks_sent_total',
]);

/** Reads the text format of Prometheus, once the last reading of the database is older than what was just done. */
async function scrape(which: MetricsProcess) {
  await deployment.query('update darkroom.operator_state set read_at = null');
  const response = await fetch(metricsOf(which), { headers: { authorization: `Bearer ${token}` } });
  const lines = (await response.text()).split('\n');
  const types = new Map<string, string>();
  const values = new Map<string, number>();
  for (const line of lines) {
    const type = /^# TYPE (\S+) (\S+)/.exec(line);
    if (type) types.set(type[1]!, type[2]!);
    const sample = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line);
    if (sample) values.set(sample[1]!, Number(sample[2]));
  }
  return { types, values, samples: new Set([...values.keys()].map((key) => key.split('{')[0]!)) };
}

/** A collector that takes OTLP/HTTP JSON. */
async function openCollector() {
  const bodies: string[] = [];
  const headers: object[] = [];
  const spans: ReceivedSpan[] = [];
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const body = Buffer.concat(chunks).toString();
    bodies.push(body);
    headers.push(request.headers);
    if (request.url === '/v1/traces') spans.push(...readSpans(JSON.parse(body)));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    headers,
    spans,
    async until(fits: (all: ReceivedSpan[]) => boolean): Promise<ReceivedSpan[]> {
      const deadline = performance.now() + 30_000;
      while (!fits(spans)) {
        if (performance.now() > deadline) {
          throw new Error(
            `the spans stayed ${spans.map(({ traceId, name }) => `${traceId.slice(0, 6)} ${name}`).join(', ')}`,
          );
        }
        await sleep(50);
      }
      return spans;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function readSpans(body: any): ReceivedSpan[] {
  const plain = (attributes: any[] = []) =>
    Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
  return body.resourceSpans.flatMap(({ resource, scopeSpans }: any) =>
    scopeSpans.flatMap(({ spans }: any) =>
      spans.map((span: any) => ({
        ...span,
        service: plain(resource.attributes)['service.name'],
        attributes: plain(span.attributes),
      })),
    ),
  );
}
