import { randomBytes, randomUUID } from 'node:crypto';
import { createDecodeLimiter } from '@darkroom/core/image/decode-limiter';
import { configureImages, decodeLimits } from '@darkroom/core/image/settings';
import { openConsumer, openQueue } from '@darkroom/core/queue/open';
import { openHints } from '@darkroom/core/queue/open-hints';
import { openQueueTelemetry } from '@darkroom/core/queue/telemetry';
import type { WorkerConfig } from '@darkroom/core/runtime/config/config';
import { ConfigError } from '@darkroom/core/runtime/config/error';
import { loadConfig } from '@darkroom/core/runtime/config/load';
import { createLogContext } from '@darkroom/core/runtime/log/context';
import { createLog } from '@darkroom/core/runtime/log/log';
import { countFacts, startCountersAtZero } from '@darkroom/core/runtime/metrics/from-facts';
import { createMetrics } from '@darkroom/core/runtime/metrics/metrics';
import { showProcess } from '@darkroom/core/runtime/metrics/process';
import { showSystem } from '@darkroom/core/runtime/metrics/system';
import { isCrash, stopOnSignal } from '@darkroom/core/runtime/process/stop-on-signal';
import { traceDeliveries, traceLog, traceModel, traceStorage } from '@darkroom/core/runtime/trace/instrument';
import { openTracing } from '@darkroom/core/runtime/trace/open';
import { createR2 } from '@darkroom/core/storage/r2';
import { openDatabase } from '@darkroom/db/open';
import manifest from '../package.json' with { type: 'json' };
import { withHints } from './changes/with-hints.ts';
import { exposeWorkerGauges } from './health/gauges.ts';
import { serveHealth } from './health/server.ts';
import { openModels } from './models/open.ts';
import { createWorker } from './worker.ts';

/** The process reports itself as started after this time even without a lease. */
const firstLeaseMs = 5_000;
/** The part of SHUTDOWN_GRACE that is kept for handing back unfinished jobs, in milliseconds. */
const maxSettleMs = 5_000;
/** How long a crashed process takes to hand back its jobs, in milliseconds. */
const crashGraceMs = 3_000;
/** How long stopping may take beyond the grace, in milliseconds. */
const overtimeMs = 2_500;

await main(readConfig());

async function main(config: WorkerConfig): Promise<void> {
  const { version } = manifest;
  const { gemini, jobs, queueUrl, webhooks } = config;
  const now = () => performance.now();

  // Log, metrics and traces.
  const plain = createLog({ level: config.logLevel, pretty: Boolean(process.stdout.isTTY), name: 'worker' });
  for (const warning of config.warnings) plain.fact('configuration_warning', { ...warning });
  const metrics = createMetrics({ process: 'worker', models: gemini.models });
  const tracing = await openTracing(config.traces, { service: 'worker', version, log: plain });
  const { log, within } = createLogContext(countFacts(traceLog(plain, tracing), metrics));

  // Database, queue, storage and models.
  const { url: supabaseUrl, secretKey } = config.supabase;
  const direct = config.directDatabase && { ...config.directDatabase, name: 'darkroom worker' };
  const database = openDatabase({ supabaseUrl, secretKey, direct, tracing });
  const hints = openHints({ url: queueUrl, log });
  const db = withHints(database, hints);
  const telemetry = await openQueueTelemetry(tracing);
  const queue = traceDeliveries(openQueue({ url: queueUrl, log, telemetry }), tracing, (jobIds) =>
    db.getTraces({ jobIds }),
  );
  const r2 = createR2(config.r2);
  configureImages();
  const { decode, read } = createDecodeLimiter(decodeLimits());
  const models = openModels(config, { read, log, now });

  const worker = createWorker({
    db,
    queue,
    storage: traceStorage(r2, tracing),
    model: traceModel(models.model, tracing),
    breakers: models.breakers,
    decode,
    openConsumer: (handler) =>
      openConsumer({
        url: queueUrl,
        name: `worker-${process.pid}`,
        concurrency: config.concurrency,
        handler,
        log,
        telemetry,
      }),
    settings: {
      models: gemini.models,
      creditCosts: config.credits.costs,
      maxAttempts: jobs.maxAttempts,
      maxModelCalls: jobs.maxModelCalls,
      modelTimeoutMs: jobs.modelTimeoutMs,
    },
    webhooks:
      webhooks.signingSecret === undefined
        ? undefined
        : { ...webhooks, signingSecret: webhooks.signingSecret },
    log,
    within,
    tracing,
    now,
    random: Math.random,
    newWorkerId: randomUUID,
    randomName: () => randomBytes(16).toString('base64url'),
  });

  // Metrics and health over HTTP.
  const { host, port, token } = config.metrics;
  startCountersAtZero(metrics);
  const stopProcessGauges = showProcess(metrics, { process: 'worker', version });
  showSystem(metrics, { readGauges: db.readGauges, audit: db.runAudit, ping: db.ping, queue });
  exposeWorkerGauges(metrics, { worker, models: gemini.models, concurrency: config.concurrency });
  const health = await serveHealth(
    {
      ready: () => worker.ready,
      workerId: () => worker.workerId,
      metrics: { scrape: metrics.scrape, token },
    },
    { host, port },
  );

  const { shutdownGraceMs: graceMs } = config;
  stopOnSignal({
    process,
    maxStopMs: { signal: graceMs + overtimeMs, crash: crashGraceMs + overtimeMs },
    log,
    async stop(cause) {
      await worker.stop(
        isCrash(cause)
          ? { graceMs: crashGraceMs, settleMs: crashGraceMs }
          : { graceMs, settleMs: Math.min(maxSettleMs, graceMs / 3) },
      );
      await models.close();
      await Promise.allSettled([health.close(), queue.close(), hints.close()]);
      await database.close();
      r2.close();
      stopProcessGauges();
      await tracing.close();
    },
  });

  models.start();
  await worker.start({ waitMs: firstLeaseMs });
  process.send?.({ event: 'ready', metrics_url: `${health.url}/metrics`, worker_id: worker.workerId });
}

function readConfig(): WorkerConfig {
  try {
    return loadConfig(process.env, 'worker');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}
