import { randomUUID } from 'node:crypto';
import { configureImages } from '@darkroom/core/image/settings';
import { createRateLimiter } from '@darkroom/core/queue/rate-limiter';
import type { ApiConfig } from '@darkroom/core/runtime/config/config';
import { ConfigError } from '@darkroom/core/runtime/config/error';
import { loadConfig } from '@darkroom/core/runtime/config/load';
import { createLogContext } from '@darkroom/core/runtime/log/context';
import { createLog, type Log } from '@darkroom/core/runtime/log/log';
import { countFacts, startCountersAtZero } from '@darkroom/core/runtime/metrics/from-facts';
import { createMetrics } from '@darkroom/core/runtime/metrics/metrics';
import { showProcess } from '@darkroom/core/runtime/metrics/process';
import { showSystem } from '@darkroom/core/runtime/metrics/system';
import { parseTrustedProxies } from '@darkroom/core/runtime/network/client-address';
import { type StopCause, stopOnSignal } from '@darkroom/core/runtime/process/stop-on-signal';
import { singleFlight } from '@darkroom/core/runtime/time/single-flight';
import { traceLog } from '@darkroom/core/runtime/trace/instrument';
import { openTracing } from '@darkroom/core/runtime/trace/open';
import manifest from '../package.json' with { type: 'json' };
import { createApi } from './app.ts';
import { openParts } from './open-parts.ts';
import { createSessions } from './routes/admin/session.ts';
import { serve } from './serve.ts';

/** How long running requests may take to finish when the process stops, in milliseconds. */
const maxGraceMs = 10_000;
/** How long stopping may take in addition to DRAIN_DELAY, in milliseconds. */
const maxStopMs = 15_000;

const { version } = manifest;
configureImages();
const config = readConfig();
const log = createLog({ level: config.logLevel, pretty: process.stdout.isTTY === true, name: 'api' });
for (const warning of config.warnings) log.fact('configuration_warning', { ...warning });
try {
  const api = await start(config, log);
  const stopMs = maxStopMs + config.drainDelayMs;
  stopOnSignal({ process, stop: api.stop, maxStopMs: { signal: stopMs, crash: stopMs }, log });
  log.fact('api_started', { url: api.url });
  process.send?.({ event: 'ready', url: api.url });
} catch (error) {
  log.fact('process_crashed', { error });
  process.exit(1);
}

/** Configuration errors go to the terminal, not to the log. Exits with EX_CONFIG of sysexits. */
function readConfig(): ApiConfig {
  try {
    return loadConfig(process.env, 'api');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

interface RunningApi {
  url: string;
  stop(cause: StopCause): Promise<void>;
}

async function start(config: ApiConfig, plainLog: Log): Promise<RunningApi> {
  const { http } = config;
  const now = () => performance.now();
  const metrics = createMetrics({ process: 'api', models: config.gemini.models });
  const tracing = await openTracing(config.traces, { service: 'api', version, log: plainLog });
  const { log, within } = createLogContext(countFacts(traceLog(plainLog, tracing), metrics));
  const parts = await openParts(config, { log, tracing, now });
  const { db, queue, coordination, changes } = parts;

  startCountersAtZero(metrics);
  const stopProcessMetrics = showProcess(metrics, { process: 'api', version });
  showSystem(metrics, { readGauges: db.readGauges, audit: db.runAudit, ping: db.ping, queue });
  metrics.beforeScrape(() => metrics.replace('darkroom_streams_open', [{ labels: {}, value: changes.size }]));

  let stopping = false;
  const app = createApi({
    ...parts,
    ...settingsOf(config),
    log,
    within,
    tracing,
    metrics: { scrape: singleFlight({ work: metrics.scrape, freshMs: 0, now }), token: http.metricsToken },
    limits: {
      address: createRateLimiter({
        coordination,
        name: 'address',
        limit: http.rateLimitPerMinuteIp,
        windowSeconds: 60,
      }),
      user: createRateLimiter({
        coordination,
        name: 'user',
        limit: http.rateLimitPerMinute,
        windowSeconds: 60,
      }),
      isTrustedProxy: parseTrustedProxies(http.trustedProxies),
    },
    signInLimiter: createRateLimiter({ coordination, name: 'sign-in', limit: 10, windowSeconds: 60 }),
    isStopping: () => stopping,
    now,
    random: Math.random,
    randomId: randomUUID,
  });
  const served = await serve({ fetch: app.fetch, port: http.port, hostname: http.host });

  return {
    url: served.url,
    async stop(cause) {
      log.fact('api_stopping', { cause });
      stopping = true;
      await served.drain({ delayMs: config.drainDelayMs });
      // Streams do not end by themselves. Their clients reconnect to another process.
      changes.close();
      await served.stop({ graceMs: Math.min(maxGraceMs, config.shutdownGraceMs) });
      await parts.close();
      stopProcessMetrics();
      await tracing.close();
      log.fact('api_stopped');
    },
  };
}

function settingsOf({ clerk, stripe, gemini, credits, jobs, webhooks, http }: ApiConfig) {
  return {
    clerk,
    clerkWebhookSecret: clerk.webhookSigningSecret,
    stripeWebhookSecret: stripe.webhookSecret,
    priceCredits: stripe.priceCredits,
    models: gemini.models,
    creditCosts: credits.costs,
    defaultCredits: credits.byDefault,
    maxActiveJobs: jobs.maxActive,
    deadlineMs: jobs.deadlineMs,
    webhooks: {
      enabled: webhooks.signingSecret !== undefined,
      allowPrivate: webhooks.allowPrivate,
    },
    corsOrigins: http.corsOrigins,
    operators: http.operators,
    sessions: createSessions({
      secrets: [clerk.secretKey, http.operators.token ?? ''],
      epochMs: Date.now,
    }),
  };
}
