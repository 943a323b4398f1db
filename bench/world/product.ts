import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { ManagedProcess } from '@darkroom/local/processes/spawn';
import { stopProcess } from '@darkroom/local/processes/stop';
import { startApi, startWorker } from '@darkroom/local/stack/apps';
import type pg from 'pg';
import type { DataApiReady } from './data-api.ts';
import type { Ground } from './ground.ts';
import type { OutsideOrder, OutsideReady } from './outside.ts';
import { openProbe, type Probe, probeVariables } from './probe.ts';
import { type Program, startProgram } from './start-program.ts';

const root = path.resolve(import.meta.dirname, '../..');
export const clerkFolder = path.join(root, '.local/clerk');
export const modelName = 'gemini-nano-banana-2.1';

/** Limits out of the way; all else as it comes. */
const roomy = {
  GEMINI_MODELS: modelName,
  DEFAULT_CREDITS: '1000000',
  MAX_ACTIVE_JOBS: '100000',
  RATE_LIMIT_PER_MINUTE: '1000000',
  RATE_LIMIT_PER_MINUTE_IP: '1000000',
  LOG_LEVEL: 'info',
  HOST: '127.0.0.1',
  PORT: '0',
  METRICS_PORT: '0',
};

export interface App {
  process: ManagedProcess;
  probe: Probe;
  url: string;
  stop(): Promise<void>;
}

/** The product's own processes, started by their own entry points. */
export interface Product {
  databaseUrl: string;
  /** The benchmark's own way in. */
  pool: pg.Pool;
  outside: Program<OutsideReady>;
  dataApi: Program<DataApiReady>;
  variables: Record<string, string>;
  startApi(overrides?: Record<string, string>): Promise<App>;
  startWorker(overrides?: Record<string, string>): Promise<App>;
  stop(): Promise<void>;
}

/** @throws with the output of what did not start. */
export async function openProduct(
  ground: Ground,
  options: { name?: string; model: OutsideOrder; overrides?: Record<string, string> },
): Promise<Product> {
  const name = options.name ?? 'darkroom';
  const databaseUrl = await ground.makeDatabase(name);
  const keys = { publishableKey: `sb_publishable_${secret()}`, secretKey: `sb_secret_${secret()}` };
  const [outside, dataApi] = await Promise.all([
    startProgram<OutsideReady>(ground, 'outside', 'world/outside.ts', options.model),
    startProgram<DataApiReady>(ground, 'data-api', 'world/data-api.ts', {
      databaseUrl,
      clerkFolder,
      ...keys,
    }),
  ]);
  const { clerk } = dataApi.ready;
  const variables: Record<string, string> = {
    ...roomy,
    DATABASE_URL: databaseUrl,
    SUPABASE_URL: dataApi.ready.supabaseUrl,
    SUPABASE_PUBLISHABLE_KEY: keys.publishableKey,
    SUPABASE_SECRET_KEY: keys.secretKey,
    QUEUE_URL: `${ground.redis.url}?namespace=${name}_${secret().slice(0, 6)}`,
    CLERK_SECRET_KEY: clerk.secretKey,
    CLERK_PUBLISHABLE_KEY: clerk.publishableKey,
    CLERK_JWT_KEY: clerk.jwtKey,
    CLERK_API_URL: clerk.url,
    GEMINI_API_KEY: 'bench',
    GEMINI_BASE_URL: outside.ready.model,
    R2_ENDPOINT: outside.ready.store,
    R2_ACCESS_KEY_ID: 'bench',
    R2_SECRET_ACCESS_KEY: 'bench',
    R2_BUCKET_NAME: 'darkroom',
    R2_PUBLIC_URL: `${outside.ready.store}/public`,
    ...options.overrides,
  };
  const running: { stop(): Promise<void> }[] = [outside, dataApi];

  function environment(overrides: Record<string, string> = {}) {
    return { PATH: process.env.PATH, ...probeVariables(ground.probes), ...variables, ...overrides };
  }
  function keep(started: ManagedProcess, url: string): App {
    const app: App = {
      process: started,
      probe: openProbe(ground.probes, started.pid),
      url,
      stop: async () => void (await stopProcess(started, { graceMs: 8_000 })),
    };
    running.unshift(app);
    return app;
  }
  return {
    databaseUrl,
    pool: ground.openPool(databaseUrl),
    outside,
    dataApi,
    variables,
    async startApi(overrides) {
      const { reaper } = ground;
      const app = await startApi({ reaper, env: environment(overrides), log: ground.log(`${name}-api`) });
      return keep(app, app.url);
    },
    async startWorker(overrides) {
      const log = ground.log(`${name}-worker`);
      const env = environment({ SHUTDOWN_GRACE: '2s', ...overrides });
      const app = await startWorker('worker', { reaper: ground.reaper, env, log });
      return keep(app, app.metricsUrl);
    },
    async stop() {
      for (const app of running.splice(0)) await app.stop();
    },
  };
}

function secret(): string {
  return randomBytes(12).toString('hex');
}
