import { expect, test } from 'vitest';
import { createRecordedLog } from '../log/recorded.ts';
import { countFacts, startCountersAtZero } from './from-facts.ts';
import { createMetrics } from './metrics.ts';
import { showProcess } from './process.ts';
import { type OperatorGauges, showSystem } from './system.ts';
import { maySeeMetrics } from './token.ts';

const models = ['first', 'second'];
const counts = { waiting: 3, active: 1, delayed: 0, failed: 0, completed: 9 };
const gauges: OperatorGauges = {
  pending: 2,
  processing: 1,
  oldest_pending_s: 4.5,
  oldest_unfinished_s: 9,
  overdue_s: 0,
  ended: [['failed', 'no_image', 7]],
  credits: [['job_debit', 'out', 30]],
  refunds: [['no_image', 7]],
  unsettled_refunds: 0,
  drift_credits: 0,
  webhook_lag_s: 0,
  workers: 2,
  reading_age_s: 1,
  audit_problems: null,
  audit_age_s: null,
  audit_is_yours: false,
};

test('each metrics object has its own registry and counts', async () => {
  const [one, other] = [0, 1].map(() => createMetrics({ process: 'api', models }));
  one!.add('darkroom_jobs_accepted_total', {});
  expect((await one!.scrape()).text).toContain('darkroom_jobs_accepted_total 1');
  expect((await other!.scrape()).text).not.toContain('darkroom_jobs_accepted_total 1');
});

test('metrics of another process are accepted but not shown', async () => {
  const metrics = createMetrics({ process: 'api', models });
  metrics.add('darkroom_lease_losses_total', {});
  expect((await metrics.scrape()).text).not.toContain('darkroom_lease_losses_total');
});

test('label values are bounded: an unconfigured model is `other`, and so is each value after the first hundred', async () => {
  const metrics = createMetrics({ process: 'worker', models });
  const log = countFacts(createRecordedLog(), metrics);
  for (const model of ['first', 'made-up', 'made-up-too']) {
    log.fact('model_call_failed', { model, code: 'no_image', ms: 1 });
  }
  for (let n = 0; n < 300; n += 1) log.fact('job_retried', { code: `code_${n}` });
  const { text } = await metrics.scrape();
  expect(text).toContain('darkroom_model_calls_total{model="first",code="no_image"} 1');
  expect(text).toContain('darkroom_model_calls_total{model="other",code="no_image"} 2');
  expect(text).toContain('darkroom_runs_total{outcome="retried",code="other"} 200');
});

test('facts are counted at every log level and passed on to the log', async () => {
  const recorded = createRecordedLog();
  const metrics = createMetrics({ process: 'worker', models });
  const log = countFacts(recorded, metrics).with({ worker_id: 'w' });
  log.fact('job_claimed', { job_id: 'j', attempt: 1, wait_ms: 300 });
  log.fact('job_completed', { model: 'second', model_requested: 'first', total_ms: 4_000 });
  log.fact('image_stored', { ms: 80 });
  log.fact('sweep_finished', { due: 3, overdue: 1, crashed: 0, lapsed: 0 });
  log.fact('database_unavailable', { error: new Error('away') });
  const { text } = await metrics.scrape();
  for (const line of [
    'darkroom_job_wait_seconds_sum 0.3',
    'darkroom_job_total_seconds_sum{status="completed"} 4',
    'darkroom_model_fallbacks_total{model="second"} 1',
    'darkroom_upload_seconds_count 1',
    'darkroom_sweep_rows_total{kind="due"} 3',
    'darkroom_sweep_rows_total{kind="overdue"} 1',
    'darkroom_errors_total{fact="database_unavailable"} 1',
  ]) {
    expect(text).toContain(line);
  }
  expect(recorded.told[0]).toEqual({
    name: 'job_claimed',
    fields: { worker_id: 'w', job_id: 'j', attempt: 1, wait_ms: 300 },
  });
});

test('a request is counted by the template of its route; what met none, and strange methods, are others', async () => {
  const metrics = createMetrics({ process: 'api', models });
  const log = countFacts(createRecordedLog(), metrics);
  log.fact('request_finished', { method: 'GET', route: '/v1/jobs/:id', status: 200, ms: 20 });
  log.fact('request_finished', { method: 'BREW', route: '/*', status: 404, ms: 1 });
  const { text } = await metrics.scrape();
  const name = 'darkroom_http_request_seconds_count';
  expect(text).toContain(`${name}{method="GET",route="/v1/jobs/:id",status="200"} 1`);
  expect(text).toContain(`${name}{method="other",route="other",status="404"} 1`);
});

test('counters start at 0', async () => {
  const metrics = createMetrics({ process: 'worker', models });
  startCountersAtZero(metrics);
  const { text } = await metrics.scrape();
  expect(text).toContain('darkroom_provider_misconfigured_total 0');
  expect(text).toContain('darkroom_sweep_rows_total{kind="crashed"} 0');
  expect(text).toContain('darkroom_webhooks_sent_total{result="failed"} 0');
});

test('the process shows its memory, its version and its event loop delay', async () => {
  const metrics = createMetrics({ process: 'worker', models });
  const end = showProcess(metrics, { process: 'worker', version: '1.2.3' });
  const { text } = await metrics.scrape();
  end();
  expect(text).toMatch(/darkroom_resident_memory_bytes \d{7,}/);
  expect(text).toMatch(/darkroom_event_loop_delay_seconds\{quantile="0.99"\} [\d.e-]+\n/);
  expect(text).toContain('darkroom_build_info{process="worker",version="1.2.3"');
});

test('system metrics show the latest reading and are left out when the database is unreachable', async () => {
  const metrics = createMetrics({ process: 'api', models });
  let away = false;
  let tooBusy = false;
  showSystem(metrics, {
    readGauges: async () => {
      if (away || tooBusy) throw new Error('away');
      return gauges;
    },
    audit: async () => 0,
    ping: async () => {
      if (away) throw new Error('away');
    },
    queue: { counts: async () => counts, isPaused: async () => true },
  });
  for (let n = 0; n < 2; n += 1) {
    const { text } = await metrics.scrape();
    expect(text).toContain('darkroom_jobs_ended_total{status="failed",code="no_image"} 7');
    expect(text).toContain('darkroom_oldest_pending_age_seconds 4.5');
    expect(text).toContain('darkroom_queue_deliveries{state="waiting"} 3');
    expect(text).toContain('darkroom_queue_paused 1');
    expect(text).toContain('darkroom_database_up 1');
    expect(text).toContain('darkroom_reading_up 1');
    expect(text, 'before the first audit').not.toMatch(/^darkroom_audit_problems /m);
  }
  tooBusy = true;
  const busy = (await metrics.scrape()).text;
  expect(busy).toContain('darkroom_database_up 1');
  expect(busy).toContain('darkroom_reading_up 0');
  expect(busy).not.toMatch(/^darkroom_workers /m);
  away = true;
  const { text } = await metrics.scrape();
  expect(text).toContain('darkroom_reading_up 0');
  expect(text).toContain('darkroom_database_up 0');
  expect(text).not.toMatch(/^darkroom_(jobs|workers|unsettled_refunds|ledger_drift_credits)[ {]/m);
  expect(text).toContain('darkroom_queue_up 1');
});

test('the process that the reading assigns the audit to runs it, without delaying the scrape', async () => {
  const metrics = createMetrics({ process: 'api', models });
  let audits = 0;
  let mine = true;
  showSystem(metrics, {
    readGauges: async () => ({ ...gauges, audit_is_yours: mine }),
    audit: () => {
      audits += 1;
      return new Promise(() => {});
    },
    ping: async () => undefined,
    queue: { counts: async () => counts, isPaused: async () => false },
  });
  await metrics.scrape();
  mine = false;
  await metrics.scrape();
  expect(audits).toBe(1);
});

test('metrics require the token if one is configured, and are open otherwise', () => {
  expect(maySeeMetrics(undefined, undefined)).toBe(true);
  expect(maySeeMetrics('Bearer right', 'right')).toBe(true);
  for (const shown of [undefined, '', 'right', 'Bearer', 'Bearer ', 'Bearer wrong', 'Basic right']) {
    expect(maySeeMetrics(shown, 'right'), String(shown)).toBe(false);
  }
});
