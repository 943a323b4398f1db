import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { migrate } from '@darkroom/db/migrate/migrate';
import { type Postgres, startPostgres } from '@darkroom/local/postgres/start';
import { createReaper } from '@darkroom/local/processes/reaper';
import { stopProcess } from '@darkroom/local/processes/stop';
import { type Redis, startRedis } from '@darkroom/local/redis/start';
import { type Api, startApi, startWorker, type Worker } from '@darkroom/local/stack/apps';
import type { QueryResultRow } from 'pg';
import { makeDatabase, openPool } from './database.ts';
import { emptyQueue } from './empty-queue.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { type FaultyProxy, openProxy } from './proxy.ts';
import { type Services, startServices } from './services.ts';

const root = path.resolve(import.meta.dirname, '../../../..');

export type QueueBackend = 'redis' | 'postgres';

export interface DeploymentOptions {
  queue: QueueBackend;
  apis: number;
  workers: number;
  /** Of a model's answer. */
  latencyMs: { min: number; max: number };
  /** Variables of the apps, over those of {@link usual}. */
  overrides?: Record<string, string>;
}

/** The whole product in real processes, every part of it its own, and every way between them through a proxy. */
export interface Deployment {
  queue: QueueBackend;
  apis: Fleet<Api>;
  workers: Fleet<Worker>;
  postgres: Postgres;
  /** Null where the queue is in Postgres. */
  redis: Redis | null;
  gemini: Services['gemini'];
  storage: Services['storage'];
  proxies: Record<ProxyName, FaultyProxy>;
  /** What an app gets from its environment. */
  variables: Record<string, string>;
  clerkFolder: string;
  /** Logs and objects of this run. */
  folder: string;
  shutdownGraceMs: number;
  /** As the superuser, in the product's database. */
  query<Row extends QueryResultRow = Record<string, any>>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Takes all that the queue holds, as its own administrator would. */
  emptyQueue(): Promise<void>;
  /** Ends every fault, and brings the processes back to their number. */
  heal(): Promise<void>;
  /** Parts that ended although nobody ended them. */
  readonly lost: readonly string[];
  /** Idempotent. */
  stop(): Promise<void>;
}

/** From the apps to: the Data API, the queue's server, the models, the object store. */
export type ProxyName = 'gateway' | 'queue' | 'gemini' | 'storage';

/** Short times, so that much happens soon. */
const usual = {
  LOG_LEVEL: 'info',
  GEMINI_MODELS: 'gemini-3-pro-image,gemini-3.1-flash-lite-image,gemini-nano-banana-2.1',
  CREDIT_COSTS: 'gemini-3-pro-image=3,gemini-3.1-flash-lite-image=2,gemini-nano-banana-2.1=3',
  DEFAULT_CREDITS: '40',
  MAX_ACTIVE_JOBS: '10',
  RATE_LIMIT_PER_MINUTE: '1000000',
  WORKER_CONCURRENCY: '8',
  MODEL_TIMEOUT: '3s',
  JOB_DEADLINE: '60s',
  SHUTDOWN_GRACE: '4s',
  PORT: '0',
  METRICS_PORT: '0',
  HOST: '127.0.0.1',
};

/**
 * Not the deployment of tests/support: this one has a Postgres and a Redis of its own, which are restarted and frozen, and
 * a proxy before every service.
 * @throws with what failed, after everything has been stopped again.
 */
export async function startDeployment(options: DeploymentOptions): Promise<Deployment> {
  const reaper = createReaper();
  const folder = path.join(root, '.local/run', `chaos-${randomUUID().slice(0, 8)}`);
  mkdirSync(folder, { recursive: true });
  reaper.removeAtEnd(folder);
  const lost: string[] = [];
  const ends: (() => Promise<unknown>)[] = [];
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= end();
    return stopped;
  };
  async function end(): Promise<void> {
    for (const step of ends.splice(0).reverse()) await step();
    await reaper.close();
    rmSync(folder, { recursive: true, force: true });
  }

  try {
    const onLost = (reason: string) => lost.push(reason);
    const postgres = await startPostgres({ reaper, onLost });
    ends.push(() => postgres.stop());
    const databaseUrl = await makeDatabase(postgres.url, 'darkroom');
    await migrate(databaseUrl);
    const pool = openPool(databaseUrl);
    ends.push(() => pool.end());
    const redis = options.queue === 'redis' ? await startRedis({ reaper, onLost }) : null;
    if (redis) ends.push(() => redis.stop());
    const queueUrl = redis?.url ?? (await makeDatabase(postgres.url, 'queue'));

    const clerkFolder = path.join(root, '.local/clerk');
    const { latencyMs } = options;
    const services = await startServices({ reaper, databaseUrl, folder, clerkFolder, latencyMs });
    ends.push(() => stopProcess(services.process));
    void services.process.exited.then(() => {
      if (!stopped) onLost('The stand-ins ended.');
    });

    const proxies = {
      gateway: await openProxy(services.urls.gateway),
      queue: await openProxy(queueUrl),
      gemini: await openProxy(services.urls.gemini),
      storage: await openProxy(services.urls.storage),
    };
    ends.push(() => Promise.all(Object.values(proxies).map((proxy) => proxy.stop())));

    const variables: Record<string, string> = {
      ...usual,
      ...services.variables,
      SUPABASE_URL: proxies.gateway.url,
      QUEUE_URL: proxies.queue.url,
      GEMINI_BASE_URL: proxies.gemini.url,
      R2_ENDPOINT: proxies.storage.url,
      // The load comes from one address, and its users look as often as they like.
      RATE_LIMIT_PER_MINUTE: '1000000',
      RATE_LIMIT_PER_MINUTE_IP: '1000000',
      ...options.overrides,
    };
    let started = 0;
    const app = (kind: string, overrides: Record<string, string> = {}) => {
      const name = `${kind}-${++started}`;
      const env = { PATH: process.env.PATH, ...variables, ...overrides };
      return { name, options: { reaper, env, log: path.join(folder, `${name}.log`) } };
    };
    const apis = createFleet((overrides) => startApi(app('api', overrides).options));
    const workers = createFleet((overrides) => {
      const { name, options } = app('worker', overrides);
      return startWorker(name, options);
    });
    const shutdownGraceMs = 1_000 * Number.parseInt(variables.SHUTDOWN_GRACE!, 10);
    ends.push(() =>
      Promise.all([apis, workers].map((fleet) => fleet.stop({ graceMs: shutdownGraceMs + 5_000 }))),
    );
    await Promise.all([apis.restore(options.apis), workers.restore(options.workers)]);

    return {
      queue: options.queue,
      apis,
      workers,
      postgres,
      redis,
      gemini: services.gemini,
      storage: services.storage,
      proxies,
      variables,
      clerkFolder,
      folder,
      shutdownGraceMs,
      query: async (sql, values = []) => (await pool.query(sql, values)).rows as never,
      emptyQueue: () => emptyQueue(queueUrl),
      async heal() {
        for (const proxy of Object.values(proxies)) proxy.set({ kind: 'clear' });
        await redis?.kill('SIGCONT');
        await Promise.all([services.gemini.heal(), services.storage.heal()]);
        await Promise.all([apis.restore(options.apis), workers.restore(options.workers)]);
      },
      lost,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
