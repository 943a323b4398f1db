import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '@darkroom/core/job/job';
import { ISSUER } from '@darkroom/local/clerk/instance';
import { loadKeys } from '@darkroom/local/clerk/keys';
import { mintToken } from '@darkroom/local/clerk/mint';
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
 * The whole product in its own processes, on the run's Postgres and queue, with a database, a queue and a bucket of its
 * own. The database is the native app's, taken over: old rows lie beside the new ones in every test.
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

  /** A user of this test alone, with the calls an app makes. */
  async function user(name = 'user') {
    const id = `user_${name}_${randomUUID().slice(0, 8)}`;
    const bearer = await token(id);
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

  return {
    stack,
    gemini,
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
/** One for all tests of a file. */
export const useDeployment = (options?: DeploymentOptions) =>
  usedFor(() => openDeployment(options), { timeoutMs: 120_000 });

export type DeploymentUser = Awaited<ReturnType<Deployment['user']>>;
