import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '@darkroom/core/job/job';
import { ISSUER } from '@darkroom/local/clerk/instance';
import { loadKeys } from '@darkroom/local/clerk/keys';
import { mintToken } from '@darkroom/local/clerk/mint';
import { stopProcess } from '@darkroom/local/processes/stop';
import type { Api } from '@darkroom/local/stack/apps';
import { startStack } from '@darkroom/local/stack/start';
import { createClient } from '@supabase/supabase-js';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase } from './database.ts';
import { usedFor } from './used.ts';

const root = path.resolve(import.meta.dirname, '../..');

export interface Reply<Body = any> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface DeploymentOptions {
  queue?: 'redis' | 'postgres';
  workers?: number;
  latencyMs?: number;
  overrides?: Record<string, string>;
  /** Serves the page too. */
  webPort?: number;
}

/**
 * API, workers and local services on the run's Postgres and queue, with a database, a queue and a bucket of their own.
 * The database is the native app's after the migrations: every test runs beside rows of before.
 */
export async function openDeployment(options: DeploymentOptions = {}) {
  const database = await createDatabase({ migrated: false });
  const pool = new pg.Pool({ connectionString: database.url, max: 4 });
  pool.on('error', () => {});
  const query = async <Row extends pg.QueryResultRow = Record<string, any>>(
    sql: string,
    values: unknown[] = [],
  ) => (await pool.query<Row>(sql, values)).rows;
  await pool.query(
    await readFile(path.join(root, 'tests/integration/compatibility/native-database.sql'), 'utf8'),
  );

  const stack = await startStack({
    environment: {
      DATABASE_URL: database.url,
      QUEUE_URL: options.queue === 'postgres' ? database.url : inject('queueUrl'),
      // Named, so that a developer's own .env changes no test.
      GEMINI_MODELS: 'gemini-nano-banana-2.1,gemini-3-pro-image,gemini-3.1-flash-lite-image',
    },
    workers: options.workers ?? 1,
    ownQueue: true,
    quickImages: true,
    webPort: options.webPort,
    geminiLatencyMs: { min: options.latencyMs ?? 50, max: options.latencyMs ?? 50 },
    overrides: {
      LOG_LEVEL: 'info',
      DEFAULT_CREDITS: '20',
      // Tests read a job as often as they like.
      RATE_LIMIT_PER_MINUTE: '1000000',
      CREDIT_COSTS: 'gemini-nano-banana-2.1=3,gemini-3-pro-image=3,gemini-3.1-flash-lite-image=2',
      ...options.overrides,
    },
  });
  const keys = await loadKeys(path.join(root, '.local', 'clerk'));
  const gemini = stack.parts.gemini!;

  const token = (userId: string, input: object = {}) => mintToken(keys, { userId, issuer: ISSUER, ...input });

  async function request(
    method: string,
    url: string,
    init: { token?: string; body?: unknown; headers?: object } = {},
  ) {
    const response = await fetch(`${stack.api.url}${url}`, {
      method,
      headers: {
        ...(init.token ? { authorization: `Bearer ${init.token}` } : {}),
        ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...init.headers,
      },
      body:
        init.body === undefined
          ? undefined
          : typeof init.body === 'string'
            ? init.body
            : JSON.stringify(init.body),
      redirect: 'manual',
    });
    const text = await response.text();
    const reply: Reply = {
      status: response.status,
      headers: response.headers,
      body: text === '' ? null : JSON.parse(text),
    };
    return reply;
  }

  /** A user of this test alone, with the calls an app makes. Without `credits`, with those that everybody starts with. */
  async function user(name = 'user', { credits }: { credits?: number } = {}) {
    const id = `user_${name}_${randomUUID().slice(0, 8)}`;
    const bearer = await token(id);
    if (credits !== undefined) await query('select ensure_user($1, null, $2)', [id, credits]);
    const call = (method: string, url: string, body?: unknown, headers?: object) =>
      request(method, url, { token: bearer, body, headers });
    const api = {
      id,
      token: bearer,
      get: (url: string, headers?: object) => call('GET', url, undefined, headers),
      post: (url: string, body?: unknown, headers?: object) => call('POST', url, body, headers),
      async submit(input: object, headers?: object): Promise<Job> {
        const reply = await call('POST', '/v1/jobs', input, headers);
        if (reply.status !== 202) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`);
        return reply.body.job;
      },
      job: async (jobId: string): Promise<Job> => (await call('GET', `/v1/jobs/${jobId}`)).body,
      credits: async (): Promise<number> => (await call('GET', '/v1/me')).body.credits,
      /** Reads the job until it fits; every version on the way is kept. @throws after `withinMs`. */
      async until(
        jobId: string,
        fits: (job: Job) => boolean,
        withinMs = 30_000,
      ): Promise<{ job: Job; seen: Job[] }> {
        const seen: Job[] = [];
        const deadline = performance.now() + withinMs;
        for (;;) {
          const job = await api.job(jobId);
          if (job.version !== seen.at(-1)?.version) seen.push(job);
          if (fits(job)) return { job, seen };
          if (performance.now() > deadline) throw new Error(`the job stayed ${JSON.stringify(job)}`);
          await sleep(40);
        }
      },
      ended: (jobId: string, withinMs?: number) =>
        api.until(jobId, (job) => job.completed_at !== null, withinMs),
      /** An unmodified supabase-js with this user's own token. */
      supabase: () =>
        createClient(stack.variables.SUPABASE_URL!, stack.variables.SUPABASE_PUBLISHABLE_KEY!, {
          accessToken: async () => bearer,
        }),
    };
    return api;
  }

  const added: Api[] = [];
  /** Another API beside the first one, until the file ends. */
  async function addApi(overrides?: Record<string, string>): Promise<Api> {
    const api = await stack.addApi(overrides);
    added.push(api);
    return api;
  }

  return {
    stack,
    gemini,
    addApi,
    endAddedApis: () => Promise.all(added.splice(0).map((api) => stopProcess(api, { graceMs: 10_000 }))),
    query,
    token,
    request,
    user,
    audit: () => query('select * from credit_audit'),
    async close() {
      await stack.stop();
      await pool.end();
      await database.drop();
    },
  };
}

export type Deployment = Awaited<ReturnType<typeof openDeployment>>;

/** One for all tests of a file: for files that pause, break or reconfigure it. */
export const useDeployment = (options?: DeploymentOptions) =>
  usedFor(() => openDeployment(options), { timeoutMs: 120_000 });

let shared: Promise<Deployment> | undefined;

/**
 * The one that the files of a worker process share, with the page. Starting one costs more than most files. It ends
 * with the process. Each file leaves no unfinished job and no fault behind.
 */
export function useSharedDeployment(): Deployment {
  return usedFor(openCoordination, { timeoutMs: 120_000 });
}

async function openCoordination(): Promise<Deployment> {
  shared ??= openDeployment({
    webPort: 0,
    overrides: { MAX_ACTIVE_JOBS: '100', SHUTDOWN_GRACE: '2s', ...sharedStripe },
  });
  const deployment = await shared;
  return { ...deployment, close: () => cleanUp(deployment) };
}

/** What the shared deployment knows of Stripe. */
export const sharedStripe = {
  STRIPE_WEBHOOK_SECRET: 'whsec_of_the_tests',
  STRIPE_PRICE_CREDITS: 'price_pack=100,price_plan=30',
};

async function cleanUp({ stack, gemini, query, endAddedApis }: Deployment): Promise<void> {
  await endAddedApis();
  gemini.faults.clear();
  stack.parts.storage?.faults.clear();
  await query(
    `select cancel_job(id) from image_generation_jobs where managed and status in ('pending', 'processing')`,
  );
}

export type DeploymentUser = Awaited<ReturnType<Deployment['user']>>;
