import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadKeys } from '../clerk/keys.ts';
import { createReaper, type Reaper } from '../processes/reaper.ts';
import { stopProcess } from '../processes/stop.ts';
import { type LocalWeb, startWeb } from '../web/start.ts';
import { type Api, runProgram, startApi, startWorker, type Worker } from './apps.ts';
import { type Parts, startParts } from './parts.ts';
import { readSettings, settingOf, type Variables } from './settings.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));

export interface StackOptions {
  /** The environment; `.env` in the repository adds variables that are not set. */
  environment: Variables;
  workers: number;
  /** Keep database and objects in `.local/data`, and use what is there. */
  keep?: boolean;
  /** Variables for the apps that override all others. */
  overrides?: Record<string, string>;
  geminiLatencyMs?: { min: number; max: number };
  quickImages?: boolean;
  requireRedis?: boolean;
  /** Serve the page, too, on this port; 0 means a free port. */
  webPort?: number;
  /** A separate queue for this run, removed at the end. */
  ownQueue?: boolean;
  say?: (line: string) => void;
  onLost?: (reason: string) => void;
}

export interface Stack {
  parts: Parts;
  api: Api;
  /** The page; null when it was not requested or cannot be built. */
  web: LocalWeb | null;
  /** All started workers, also those that have ended. */
  workers: readonly Worker[];
  /** The variables for further apps. */
  variables: Record<string, string>;
  reaper: Reaper;
  /** The folder with the logs. */
  runFolder: string;
  addWorker(overrides?: Record<string, string>): Promise<Worker>;
  addApi(overrides?: Record<string, string>): Promise<Api>;
  /** Stops the apps first, so that they finish their work, then the parts. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Starts the local stack: stand-ins for services, migrations, one API, and workers. All of it is gone 10 s after the end
 * of this process, however that ends.
 * @throws with the end of the log of what failed; then everything has been stopped again.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const say = options.say ?? (() => {});
  const reaper = createReaper();
  const runFolder = options.keep
    ? `${root}.local/data`
    : `${root}.local/run/stack-${randomUUID().slice(0, 8)}`;
  mkdirSync(runFolder, { recursive: true });
  if (!options.keep) reaper.removeAtEnd(runFolder);

  const apps: (Api | Worker)[] = [];
  const workers: Worker[] = [];
  let started = 0;
  let parts: Parts | null = null;
  let web: LocalWeb | null = null;
  let variables: Record<string, string> = {};
  let stopped: Promise<void> | undefined;
  const env = (overrides: Record<string, string> = {}): Variables => ({
    ...process.env,
    ...variables,
    ...overrides,
  });
  const log = (name: string) => path.join(runFolder, `${name}.log`);

  async function end(): Promise<void> {
    await Promise.all(apps.map((app) => stopProcess(app, { graceMs: 40_000 })));
    if (options.ownQueue && variables.QUEUE_URL) {
      await runProgram('queue removal', 'scripts/drop-queue.ts', {
        reaper,
        env: env(),
        log: log('queue'),
      }).catch(() => {});
    }
    await web?.stop();
    await parts?.stop();
    await reaper.close();
    if (!options.keep) rmSync(runFolder, { recursive: true, force: true });
  }
  const stop = () => {
    stopped ??= end();
    return stopped;
  };

  async function addApi(overrides?: Record<string, string>): Promise<Api> {
    const api = await startApi({ reaper, env: env(overrides), log: log(`api-${++started}`) });
    apps.push(api);
    return api;
  }
  async function addWorker(overrides?: Record<string, string>): Promise<Worker> {
    const name = `worker-${++started}`;
    const worker = await startWorker(name, { reaper, env: env(overrides), log: log(name) });
    apps.push(worker);
    workers.push(worker);
    return worker;
  }

  try {
    const settings = readSettings(options.environment, `${root}.env`);
    parts = await startParts({
      settings,
      localFolder: `${root}.local`,
      runFolder,
      databaseFolder: options.keep ? path.join(runFolder, 'postgres') : undefined,
      reaper,
      geminiLatencyMs: options.geminiLatencyMs ?? { min: 800, max: 1_600 },
      quickImages: options.quickImages,
      requireRedis: options.requireRedis ?? false,
      say,
      onLost: options.onLost ?? say,
    });
    variables = {
      ...known(settings),
      ...parts.variables,
      PORT: '0',
      METRICS_PORT: '0',
      ...webhooks(settings),
      ...onOneMachine(settings),
      ...options.overrides,
    };
    if (options.webPort !== undefined) {
      web = await startWeb({
        keys: parts.clerk && (await loadKeys(`${root}.local/clerk`)),
        publishableKey: settingOf(settings, 'CLERK_PUBLISHABLE_KEY') ?? null,
        port: options.webPort,
        say,
      });
      variables.CORS_ORIGINS = [variables.CORS_ORIGINS, ...web.origins].filter(Boolean).join(',');
    }
    if (options.ownQueue) variables.QUEUE_URL = withNamespace(variables.QUEUE_URL ?? '');
    if (variables.DATABASE_URL && !settingOf(settings, 'SUPABASE_URL')) {
      await runProgram('migrations', 'packages/db/src/migrate/main.ts', {
        reaper,
        env: env({ DIRECT_URL: variables.DATABASE_URL }),
        log: log('migrate'),
      });
    }
    const port = settingOf(settings, 'PORT');
    const api = await addApi(port ? { PORT: port } : {});
    await Promise.all(Array.from({ length: options.workers }, () => addWorker()));
    web?.pointAt(api.url);
    await web?.ready.catch(async (error: Error) => {
      say(error.message);
      await web?.stop();
      web = null;
    });
    return { parts, api, web, workers, variables, reaper, runFolder, addApi, addWorker, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Allows webhooks to receivers on this machine, unless webhooks are configured. */
function webhooks(settings: Variables): Record<string, string> {
  if (settingOf(settings, 'WEBHOOK_SIGNING_SECRET')) return {};
  return {
    WEBHOOK_SIGNING_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
    WEBHOOK_ALLOW_PRIVATE: 'true',
  };
}

/** All users share one IP address here, and the operator needs a token. */
function onOneMachine(settings: Variables): Record<string, string> {
  return {
    RATE_LIMIT_PER_MINUTE_IP: settingOf(settings, 'RATE_LIMIT_PER_MINUTE_IP') ?? '1000000',
    OPERATOR_TOKEN: settingOf(settings, 'OPERATOR_TOKEN') ?? randomBytes(24).toString('base64url'),
  };
}

/** Variables set by hand that the apps read, for processes that join by the env file. */
function known(settings: Variables): Record<string, string> {
  const names =
    /^(DATABASE|DIRECT|DB|SUPABASE|QUEUE|REDIS|CLERK|GEMINI|R2|STRIPE|WEBHOOK|WORKER|MODEL|JOB|MAX|SHUTDOWN|DEFAULT|CREDIT|RATE|TRUSTED|CORS|OPERATOR|METRICS|LOG|OTEL|EXPO_PUBLIC|NEXT_PUBLIC)_/;
  return Object.fromEntries(
    Object.entries(settings).filter(
      (entry): entry is [string, string] => names.test(entry[0]) && entry[1] !== undefined,
    ),
  );
}

function withNamespace(queueUrl: string): string {
  const url = new URL(queueUrl);
  if (!url.searchParams.has('namespace')) {
    url.searchParams.set('namespace', `run_${randomUUID().replaceAll('-', '').slice(0, 12)}`);
  }
  return url.href;
}
