/**
 * A program: the smallest honest endpoint on a peer. Knows its caller by the same session token, checks and debits
 * credits, makes the job and puts it into the queue, in one transaction where the peer can.
 */
import { verifyToken } from '@clerk/backend';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import pg from 'pg';
import { createWork, type Outside, runWork } from '../work/handler.ts';
import { writesByPg } from '../work/writes.ts';
import { runProgram } from '../world/program.ts';
import { type Desk, openPeer, type PeerName, type PeerPlace } from './peer.ts';

export interface EndpointOrder {
  /** Left out: no queue, the job is done within the request. */
  peer?: PeerName;
  place: PeerPlace;
  jwtKey: string;
  /** `small`: tables of two columns each; `rules`: the product's own function. */
  rules: 'small' | 'product';
  outside?: Outside;
}

runProgram<EndpointOrder>(async ({ peer: name, place, jwtKey, rules, outside }) => {
  const pool = new pg.Pool({ connectionString: place.databaseUrl, max: 16 });
  const peer = name && (await openPeer(name, place));
  const desk = await peer?.openDesk();
  const submit = rules === 'small' ? submitSmall : submitByRules;
  if (rules === 'small') await pool.query(smallTables);
  const inline = desk ? null : await openInline();
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
      await desk?.enqueue(client, jobId);
      await client.query('commit');
      await desk?.enqueueAfter?.(jobId);
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
    return createWork(writes, outside!);
  }

  /** Waits by LISTEN, which costs nothing until something ends. */
  async function listenForEnds() {
    const waiting = new Map<string, PromiseWithResolvers<void>>();
    const client = new pg.Client({ connectionString: place.databaseUrl });
    await client.connect();
    client.on('notification', ({ payload = '' }) => waiting.get(payload)?.resolve());
    await client.query('listen done');
    return {
      expect: (jobId: string) => void (outside && waiting.set(jobId, Promise.withResolvers<void>())),
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

export type { Desk };
