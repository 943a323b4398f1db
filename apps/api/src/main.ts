import { randomUUID } from 'node:crypto';
import { configureImages } from '@darkroom/core/image/settings';
import { openDashboardQueue } from '@darkroom/core/queue/dashboard';
import { openHints } from '@darkroom/core/queue/hints';
import { openQueue } from '@darkroom/core/queue/open';
import { createLimiter } from '@darkroom/core/queue/rate-limiter';
import { openShared } from '@darkroom/core/queue/shared';
import { openQueueTelemetry } from '@darkroom/core/queue/telemetry';
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
import { openTracing } from '@darkroom/core/runtime/trace/open';
import { traceLog } from '@darkroom/core/runtime/trace/parts';
import { createR2 } from '@darkroom/core/storage/r2';
import { createUploadSigner } from '@darkroom/core/storage/sign-upload';
import { openDatabase } from '@darkroom/db/open';
import manifest from '../package.json' with { type: 'json' };
import { createBoard } from './admin/board.ts';
import { createSessions } from './admin/session.ts';
import { createApi } from './app.ts';
import { createClerkEmail } from './auth/clerk-email.ts';
import { createDeletedUsers } from './auth/deleted-users.ts';
import { createEmailBackfill } from './auth/email-backfill.ts';
import { createWatch } from './changes/watch.ts';
import { createCancelTimers } from './enqueue/cancel-timers.ts';
import { createDeliveryMarks } from './enqueue/marks.ts';
import { createShared } from './http/shared.ts';
import { type Served, serve } from './serve.ts';
import { stopOnSignal } from './shutdown.ts';

/** How long requests that run may take to finish when the process stops, in milliseconds. */
const longestDrainMs = 10_000;

const { version } = manifest;
configureImages();
const config = readConfig();
const log = createLog({ level: config.logLevel, pretty: process.stdout.isTTY === true, name: 'api' });
try {
  const api = await start(config, log);
  stopOnSignal({ stop: api.stop, drainDelayMs: config.drainDelayMs, log });
  log.fact('api_started', { url: api.url });
  process.send?.({ event: 'ready', url: api.url });
} catch (error) {
  log.fact('process_crashed', { error });
  process.exit(1);
}

/** What is wrong with the environment is for whoever reads the terminal, not for the log: sysexits' EX_CONFIG. */
function readConfig(): ApiConfig {
  try {
    return loadConfig(process.env, 'api');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

async function start(config: ApiConfig, plain: Log): Promise<{ url: string; stop: () => Promise<void> }> {
  const { clerk, jobs, credits, http } = config;
  const now = () => performance.now();
  const metrics = createMetrics({ process: 'api', models: config.gemini.models });
  const tracing = await openTracing(config.traces, { service: 'api', version, log: plain });
  const { log, within } = createLogContext(countFacts(traceLog(plain, tracing), metrics));
  const db = openDatabase({
    supabaseUrl: config.supabase.url,
    secretKey: config.supabase.secretKey,
    // A client is waiting: better an honest 503 in ten seconds than an answer in half a minute.
    timeoutMs: 4_000,
    retries: 2,
    direct: config.directDatabase && { ...config.directDatabase, name: 'darkroom api' },
    tracing,
  });
  const queue = openQueue({ url: config.queueUrl, log, telemetry: await openQueueTelemetry(tracing) });
  const storage = createR2(config.r2);
  const uploads = createUploadSigner(config.r2);
  const marks = createDeliveryMarks({ db, log });
  const findEmail = createClerkEmail(clerk);
  const emails = createEmailBackfill({ db, findEmail, defaultCredits: credits.byDefault, log, now });
  const hints = openHints({ url: config.queueUrl, log });
  const shared = openShared({ url: config.queueUrl, log });
  const board = createBoard({
    open: () => openDashboardQueue({ url: config.queueUrl, log }),
    actions: http.operators.actions,
  });
  const watch = createWatch({ db, hints, log });
  const cancelTimers = createCancelTimers({ db, hints, log });
  let stopping = false;
  startCountersAtZero(metrics);
  const endProcess = showProcess(metrics, { process: 'api', version });
  showSystem(metrics, { readGauges: db.readGauges, audit: db.runAudit, ping: db.ping, queue });
  metrics.beforeScrape(() => metrics.replace('darkroom_streams_open', [{ labels: {}, value: watch.size }]));

  const app = createApi({
    db,
    queue,
    storage,
    uploads,
    marks,
    emails,
    hints,
    watch,
    cancelTimers,
    deletedUsers: createDeletedUsers({ db, now }),
    log,
    within,
    metrics: { scrape: createShared({ ask: metrics.scrape, freshMs: 0, now }), token: http.metricsToken },
    tracing,
    clerk,
    incoming: {
      clerkSecret: clerk.webhookSigningSecret,
      stripeSecret: config.stripe.webhookSecret,
      priceCredits: config.stripe.priceCredits,
    },
    corsOrigins: http.corsOrigins,
    limits: {
      address: createLimiter({ shared, name: 'address', most: http.rateLimitPerMinuteIp, seconds: 60 }),
      user: createLimiter({ shared, name: 'user', most: http.rateLimitPerMinute, seconds: 60 }),
      isTrustedProxy: parseTrustedProxies(http.trustedProxies),
    },
    operators: http.operators,
    admin: {
      board,
      sessions: createSessions({
        secrets: [clerk.secretKey, http.operators.token ?? ''],
        epochMs: Date.now,
      }),
      attempts: createLimiter({ shared, name: 'sign-in', most: 10, seconds: 60 }),
    },
    models: config.gemini.models,
    creditCosts: credits.costs,
    defaultCredits: credits.byDefault,
    maxActiveJobs: jobs.maxActive,
    deadlineMs: jobs.deadlineMs,
    webhooks: {
      enabled: config.webhooks.signingSecret !== undefined,
      allowPrivate: config.webhooks.allowPrivate,
    },
    isStopping: () => stopping,
    now,
    random: Math.random,
    randomId: randomUUID,
  });
  const served: Served = await serve({ fetch: app.fetch, port: http.port, hostname: http.host });

  return {
    url: served.url,
    async stop() {
      stopping = true;
      await served.leave({ delayMs: config.drainDelayMs });
      // Streams never end by themselves; their clients connect again elsewhere.
      watch.close();
      await served.stop({ drainMs: Math.min(longestDrainMs, config.shutdownGraceMs) });
      await Promise.all([
        marks.close(),
        emails.close(),
        cancelTimers.close(),
        hints.close(),
        shared.close(),
        board.close(),
      ]);
      await queue.close();
      await db.close();
      storage.close();
      uploads.close();
      endProcess();
      await tracing.close();
    },
  };
}
