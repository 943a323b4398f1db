import { randomBytes, randomUUID } from 'node:crypto';
import { createDecodeLimiter } from '@darkroom/core/image/decode-limiter';
import { configureImages, decodeLimits } from '@darkroom/core/image/settings';
import { accountOf } from '@darkroom/core/models/account';
import { createBreakers } from '@darkroom/core/models/breaker';
import { createGemini } from '@darkroom/core/models/gemini';
import { withQuota } from '@darkroom/core/models/quota';
import { createSharedBreakers } from '@darkroom/core/models/shared-breakers';
import { openHints } from '@darkroom/core/queue/hints';
import { openConsumer, openQueue } from '@darkroom/core/queue/open';
import { openShared } from '@darkroom/core/queue/shared';
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
import { openTracing } from '@darkroom/core/runtime/trace/open';
import { traceDeliveries, traceLog, traceModel, traceStorage } from '@darkroom/core/runtime/trace/parts';
import { createR2 } from '@darkroom/core/storage/r2';
import { openDatabase } from '@darkroom/db/open';
import manifest from '../package.json' with { type: 'json' };
import { serveHealth } from './health/serve.ts';
import { tellingOfChanges } from './hints/telling.ts';
import { showWorker } from './metrics/show-worker.ts';
import { endWithProcess } from './process/end.ts';
import { createWorker } from './worker.ts';

/** How long the first lease is waited for before the process calls itself started, in milliseconds. */
const firstLeaseMs = 5_000;

await main(readConfig());

async function main(config: WorkerConfig): Promise<void> {
  const { version } = manifest;
  const plain = createLog({ level: config.logLevel, pretty: Boolean(process.stdout.isTTY), name: 'worker' });
  const metrics = createMetrics({ process: 'worker', models: config.gemini.models });
  const tracing = await openTracing(config.traces, { service: 'worker', version, log: plain });
  const { log, within } = createLogContext(countFacts(traceLog(plain, tracing), metrics));
  configureImages();
  const { gemini, jobs, queueUrl, webhooks } = config;
  const hints = openHints({ url: queueUrl, log });
  const { url: supabaseUrl, secretKey } = config.supabase;
  const direct = config.directDatabase && { ...config.directDatabase, name: 'darkroom worker' };
  const database = openDatabase({ supabaseUrl, secretKey, direct, tracing });
  const db = tellingOfChanges(database, hints);
  const telemetry = await openQueueTelemetry(tracing);
  const queue = traceDeliveries(openQueue({ url: queueUrl, log, telemetry }), tracing, (jobIds) =>
    db.getTraces({ jobIds }),
  );
  const r2 = createR2(config.r2);
  const now = () => performance.now();

  const shared = openShared({ url: queueUrl, log });
  const account = accountOf(gemini.apiKey);
  const breakers = createSharedBreakers({
    createLocal: (onChange) => createBreakers({ now, onChange }),
    shared,
    account,
    owner: randomUUID(),
    longestProbeMs: jobs.modelTimeoutMs + 5_000,
    log,
    now,
  });

  const desk = createDecodeLimiter(decodeLimits());
  const worker = createWorker({
    db,
    queue,
    storage: traceStorage(r2, tracing),
    model: traceModel(
      createGemini({
        apiKey: gemini.apiKey,
        baseUrl: gemini.baseUrl,
        apiVersion: gemini.apiVersion,
        read: desk.read,
      }),
      tracing,
    ),
    decode: desk.decode,
    breakers: withQuota(breakers, {
      rates: gemini.rpm,
      shared,
      account,
      workers: () => breakers.workers,
      now,
    }),
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

  const { host, port, token } = config.metrics;
  startCountersAtZero(metrics);
  const endProcess = showProcess(metrics, { process: 'worker', version });
  showSystem(metrics, { readGauges: db.readGauges, audit: db.runAudit, ping: db.ping, queue });
  showWorker(metrics, { worker, models: gemini.models, concurrency: config.concurrency });
  const health = await serveHealth(
    {
      ready: () => worker.ready,
      workerId: () => worker.workerId,
      metrics: { scrape: metrics.scrape, token },
    },
    { host, port },
  );

  endWithProcess({
    process,
    graceMs: config.shutdownGraceMs,
    log,
    async stop(options) {
      await worker.stop(options);
      await breakers.close();
      await Promise.allSettled([health.close(), queue.close(), hints.close(), shared.close()]);
      await database.close();
      r2.close();
      endProcess();
      await tracing.close();
    },
  });

  breakers.start();
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
