import { randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from '@darkroom/core/job/job';
import { ISSUER } from '@darkroom/local/clerk/instance';
import { loadKeys } from '@darkroom/local/clerk/keys';
import { mintToken } from '@darkroom/local/clerk/mint';
import type { Worker } from '@darkroom/local/stack/apps';
import pg from 'pg';
import { type DeploymentOptions, startDeployment } from '../chaos/deployment/start.ts';

export interface Reply {
  status: number;
  headers: Headers;
  body: any;
}

/** A deployment of the storms, for tests that break one thing at a time, with short ways to look into it. */
export async function openScenarioDeployment(options: Partial<DeploymentOptions> = {}) {
  const deployment = await startDeployment({
    queue: 'redis',
    apis: 1,
    workers: 1,
    latencyMs: { min: 60, max: 60 },
    ...options,
    overrides: { DEFAULT_CREDITS: '100', MAX_ACTIVE_JOBS: '100', ...options.overrides },
  });
  const keys = await loadKeys(deployment.clerkFolder);
  const { query } = deployment;

  /** A user of this test alone, with 100 credits at first sight. An image costs 3, of the second model 2. */
  async function user() {
    const id = `user_local_${randomUUID().replaceAll('-', '')}`;
    const token = await mintToken(keys, { userId: id, issuer: ISSUER });

    async function send(method: string, url: string, init: RequestInit = {}, api = 0): Promise<Reply> {
      const response = await fetch(`${deployment.apis.members[api]!.url}${url}`, {
        method,
        ...init,
        headers: { authorization: `Bearer ${token}`, ...init.headers },
      });
      return { status: response.status, headers: response.headers, body: await response.json() };
    }
    const post = (input: object, key: string = randomUUID(), init: RequestInit = {}, api = 0) =>
      send(
        'POST',
        '/v1/jobs',
        {
          ...init,
          body: JSON.stringify(input),
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
        },
        api,
      );
    const self = {
      id,
      post,
      async submit(prompt: string, input: object = {}): Promise<Job> {
        const reply = await post({ prompt, ...input });
        if (reply.status !== 202) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`);
        return reply.body.job;
      },
      cancel: (jobId: string) => send('POST', `/v1/jobs/${jobId}/cancel`),
      job: async (jobId: string): Promise<Job> => (await send('GET', `/v1/jobs/${jobId}`)).body,
      credits: async (): Promise<number> => (await send('GET', '/v1/me')).body.credits,
      /** The job, once it fits. */
      until: (jobId: string, fits: (job: Job) => boolean, withinMs?: number) =>
        until(async () => {
          const job = await self.job(jobId).catch(() => null);
          return job?.id && fits(job) ? job : null;
        }, withinMs),
      ended: (jobId: string, withinMs?: number) =>
        self.until(jobId, ({ completed_at }) => completed_at !== null, withinMs),
      ledger: () =>
        query<{ job_id: string; kind: string; amount: number }>(
          'select job_id, kind, amount from credit_ledger where user_id = $1 order by id',
          [id],
        ),
      jobs: () => query('select * from image_generation_jobs where user_id = $1', [id]),
    };
    return self;
  }

  async function idOf({ metricsUrl }: Worker): Promise<string> {
    const response = await fetch(new URL('/health/ready', metricsUrl));
    return ((await response.json()) as { worker_id: string }).worker_id;
  }

  return {
    ...deployment,
    user,
    audit: () => query('select * from credit_audit'),
    run: async (jobId: string) => (await query('select * from job_runs where job_id = $1', [jobId]))[0]!,
    /** The calls whose prompt has these words, oldest first. */
    callsOf: async (words: string) =>
      (await deployment.gemini.calls()).filter((call) => call.prompt.includes(words)),

    /** The process that has claimed the job, once one has. */
    holderOf: (jobId: string): Promise<{ worker: Worker; id: string }> =>
      until(async () => {
        const [row] = await query('select worker_id from job_runs where job_id = $1', [jobId]);
        if (!row?.worker_id) return null;
        for (const worker of deployment.workers.members) {
          if ((await idOf(worker)) === row.worker_id) return { worker, id: row.worker_id };
        }
        return null;
      }),
    /** Ends the lease of a dead or frozen worker now, instead of waiting half a minute. */
    expireLease: (workerId: string) =>
      query(`update workers set lease_expires_at = now() - interval '1 second' where id = $1`, [workerId]),
    /** Does the work while holding the lock that the statement takes. */
    async whileLocked(sql: string, values: unknown[], work: (release: () => Promise<void>) => Promise<void>) {
      const url = Object.assign(new URL(deployment.postgres.url), { pathname: '/darkroom' }).href;
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      try {
        await client.query('begin');
        await client.query(sql, values);
        await work(async () => void (await client.query('rollback')));
      } finally {
        await client.end();
      }
    },
    /** Statements that wait for a lock at this moment. */
    waiting: () =>
      query<{ pid: number }>(
        `select pid from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      ),
    /** New processes instead of the old ones, and nothing remembered, by the queue's server neither: breakers closed. */
    async freshWorkers(count: number) {
      await Promise.all(deployment.workers.members.map((worker) => deployment.workers.kill(worker)));
      await deployment.emptyQueue();
      await query(`update workers set lease_expires_at = now(), ended_at = now() where ended_at is null`);
      await deployment.workers.restore(count);
    },
    /** The keys of what is stored for a job. */
    objectsOf: async (job: { id: string; user_id: string }): Promise<string[]> => {
      const folder = path.join(deployment.folder, 'objects/darkroom/users', job.user_id, 'jobs', job.id);
      const names = await readdir(folder).catch(() => []);
      return names.filter((name) => name.endsWith('_object')).sort();
    },
    logOf: (worker: Worker) => readFile(path.join(deployment.folder, `${worker.name}.log`), 'utf8'),
    stop: deployment.stop,
  };
}

export type ScenarioDeployment = Awaited<ReturnType<typeof openScenarioDeployment>>;
export type User = Awaited<ReturnType<ScenarioDeployment['user']>>;

/** What `look` finds, as soon as it is something. @throws when it stays nothing for `withinMs` (default 60,000). */
export async function until<T>(look: () => Promise<T>, withinMs = 60_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`It did not come about within ${withinMs} ms: ${look}`);
    await sleep(50);
  }
}

export const generating = ({ stage }: Job) => stage === 'generating';
