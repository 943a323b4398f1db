/**
 * A program: the smallest fair endpoint on a peer. Verifies the same session token, checks and debits credits, creates the
 * job and enqueues it, in one transaction if the peer can.
 */
import { verifyToken } from '@clerk/backend';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import pg from 'pg';
import { runProgram } from '../deployment/run-program.ts';
import { createWork, runWork, type Services } from '../work/handler.ts';
import { writesByPg } from '../work/writes.ts';
import { openPeer, type PeerName } from './open-peer.ts';
import type { PeerOptions, Producer } from './peer.ts';

export interface EndpointOptions {
  /** Without a peer, the job runs within the request. */
  peer?: PeerName;
  peerOptions: PeerOptions;
  jwtKey: string;
  /** `small`: two small tables; `darkroom`: Darkroom's create_job. */
  rules: 'small' | 'darkroom';
  services?: Services;
}

runProgram<EndpointOptions>(async ({ peer: name, peerOptions, jwtKey, rules, services }) => {
  const pool = new pg.Pool({ connectionString: peerOptions.databaseUrl, max: 16 });
  const peer = name && (await openPeer(name, peerOptions));
  const producer = await peer?.openProducer();
  const submit = rules === 'small' ? submitSmall : submitByRules;
  if (rules === 'small') await pool.query(smallTables);
  const inline = producer ? null : await openInline();
  const done = await listenForEnds();
  const key = jwtKey.replaceAll('\\n', '\n');

  const app = new Hono();
  app.post('/jobs', async (c) => {
    const token = c.req.header('authorization')?.slice('Bearer '.length) ?? '';
    const { sub: userId } = await verifyToken(token, { jwtKey: key });
    const { prompt } = await c.req.json<{ prompt: string }>();
    const jobId = await accept(userId, prompt);
    if (jobId === null) return c.json({ code: 'insufficient_credits' }, 402);
    if (inline) {
      await runWork(inline, jobId);
      return c.json({ id: jobId, status: 'completed' });
    }
    if (c.req.header('prefer')) {
      await done.wait(jobId);
      return c.json({ id: jobId, status: 'completed' });
    }
    return c.json({ id: jobId, status: 'pending' }, 202);
  });
  const url = await new Promise<string>((resolve) => {
    serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
  });
  return { ready: { url } };

  async function accept(userId: string, prompt: string): Promise<string | null> {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const jobId = await submit(client, userId, prompt);
      if (jobId === null) {
        await client.query('rollback');
        return null;
      }
      done.expect(jobId);
      await producer?.enqueue(client, jobId);
      await client.query('commit');
      await producer?.enqueueAfter?.(jobId);
      return jobId;
    } catch (error) {
      await client.query('rollback').catch(() => {});
      throw error;
    } finally {
      client.release();
    }
  }

  async function openInline() {
    const writes = writesByPg(pool, crypto.randomUUID());
    await writes.beat();
    setInterval(() => void writes.beat().catch(() => {}), 5_000).unref();
    return createWork(writes, services!);
  }

  /** Waits with LISTEN, which costs nothing until a job ends. */
  async function listenForEnds() {
    const waiting = new Map<string, PromiseWithResolvers<void>>();
    const client = new pg.Client({ connectionString: peerOptions.databaseUrl });
    await client.connect();
    client.on('notification', ({ payload = '' }) => waiting.get(payload)?.resolve());
    await client.query('listen done');
    return {
      expect: (jobId: string) => void (services && waiting.set(jobId, Promise.withResolvers<void>())),
      async wait(jobId: string) {
        await waiting.get(jobId)?.promise;
        waiting.delete(jobId);
      },
    };
  }
});

const smallTables = `
  create table if not exists bench_users (id text primary key, credits integer not null check (credits >= 0));
  create table if not exists bench_jobs (
    id uuid primary key default gen_random_uuid(),
    user_id text not null references bench_users,
    prompt text not null, status text not null default 'pending', created_at timestamptz not null default now());
  insert into bench_users select 'user_bench' || g, 1000000 from generate_series(0, 999) g on conflict do nothing;`;

async function submitSmall(client: pg.PoolClient, userId: string, prompt: string): Promise<string | null> {
  const debit = await client.query({
    name: 'debit',
    text: 'update bench_users set credits = credits - 1 where id = $1 and credits >= 1',
    values: [userId],
  });
  if (debit.rowCount === 0) return null;
  const { rows } = await client.query({
    name: 'insert',
    text: 'insert into bench_jobs (user_id, prompt) values ($1, $2) returning id',
    values: [userId, prompt],
  });
  return rows[0].id;
}

async function submitByRules(client: pg.PoolClient, userId: string, prompt: string): Promise<string | null> {
  const { rows } = await client.query({
    name: 'create_job',
    text: `select create_job($1, json_build_object('prompt', $2::text)::jsonb, 1, gen_random_uuid()::text, 'bench', null, 1000000, 100000)
      -> 'job' ->> 'id' as id`,
    values: [userId, prompt],
  });
  return rows[0].id;
}

export type { Producer };
