import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { ManagedProcess } from '@darkroom/local/processes/spawn';
import { stopProcess } from '@darkroom/local/processes/stop';
import { startApi, startWorker } from '@darkroom/local/stack/apps';
import type pg from 'pg';
import type { DataApiReady } from './data-api.ts';
import { openProbe, type Probe, probeVariables } from './probe.ts';
import type { Servers } from './servers.ts';
import type { ServicesOptions, ServicesReady } from './services.ts';
import { type Program, startProgram } from './start-program.ts';

const root = path.resolve(import.meta.dirname, '../..');
export const clerkFolder = path.join(root, '.local/clerk');
export const modelName = 'gemini-nano-banana-2.1';

/** High limits; all other settings have their defaults. */
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

/** A Darkroom deployment: the real processes, started by their entry points. */
export interface Deployment {
  databaseUrl: string;
  /** The benchmark's connections to the database. */
  pool: pg.Pool;
  services: Program<ServicesReady>;
  dataApi: Program<DataApiReady>;
  variables: Record<string, string>;
  startApi(overrides?: Record<string, string>): Promise<App>;
  startWorker(overrides?: Record<string, string>): Promise<App>;
  stop(): Promise<void>;
}

/** @throws with the output of a process that did not start. */
export async function openDeployment(
  servers: Servers,
  options: { name?: string; model: ServicesOptions; overrides?: Record<string, string> },
): Promise<Deployment> {
  const name = options.name ?? 'darkroom';
  const databaseUrl = await servers.makeDatabase(name);
  const keys = { publishableKey: `sb_publishable_${secret()}`, secretKey: `sb_secret_${secret()}` };
  const [services, dataApi] = await Promise.all([
    startProgram<ServicesReady>(servers, 'services', 'deployment/services.ts', options.model),
    startProgram<DataApiReady>(servers, 'data-api', 'deployment/data-api.ts', {
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
    QUEUE_URL: `${servers.redis.url}?namespace=${name}_${secret().slice(0, 6)}`,
    CLERK_SECRET_KEY: clerk.secretKey,
    CLERK_PUBLISHABLE_KEY: clerk.publishableKey,
    CLERK_JWT_KEY: clerk.jwtKey,
    CLERK_API_URL: clerk.url,
    GEMINI_API_KEY: 'bench',
    GEMINI_BASE_URL: services.ready.model,
    R2_ENDPOINT: services.ready.store,
    R2_ACCESS_KEY_ID: 'bench',
    R2_SECRET_ACCESS_KEY: 'bench',
    R2_BUCKET_NAME: 'darkroom',
    R2_PUBLIC_URL: `${services.ready.store}/public`,
    ...options.overrides,
  };
  const running: { stop(): Promise<void> }[] = [services, dataApi];

  function environment(overrides: Record<string, string> = {}) {
    return { PATH: process.env.PATH, ...probeVariables(servers.probes), ...variables, ...overrides };
  }
  function keep(started: ManagedProcess, url: string): App {
    const app: App = {
      process: started,
      probe: openProbe(servers.probes, started.pid),
      url,
      stop: async () => void (await stopProcess(started, { graceMs: 8_000 })),
    };
    running.unshift(app);
    return app;
  }
  return {
    databaseUrl,
    pool: servers.openPool(databaseUrl),
    services,
    dataApi,
    variables,
    async startApi(overrides) {
      const { reaper } = servers;
      const app = await startApi({ reaper, env: environment(overrides), log: servers.log(`${name}-api`) });
      return keep(app, app.url);
    },
    async startWorker(overrides) {
      const log = servers.log(`${name}-worker`);
      const env = environment({ SHUTDOWN_GRACE: '2s', ...overrides });
      const app = await startWorker('worker', { reaper: servers.reaper, env, log });
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
