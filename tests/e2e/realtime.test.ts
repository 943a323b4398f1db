import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, jobFields } from '@darkroom/core/job/job';
import { createClient, type RealtimeChannel, type SupabaseClient } from '@supabase/supabase-js';
import { afterEach, describe, expect, it } from 'vitest';
import { openCut } from '../support/cut.ts';
import { type DeploymentUser, useSharedDeployment } from '../support/deployment.ts';
import { shared } from '../support/shared-object.ts';

const deployment = useSharedDeployment();
const open: SupabaseClient[] = [];

afterEach(async () => {
  for (const client of open.splice(0)) await client.realtime.disconnect();
});

/** As an app does it: the session token before the first subscription. */
async function connect(token: () => Promise<string>, url = deployment.stack.variables.SUPABASE_URL!) {
  const client = createClient(url, deployment.stack.variables.SUPABASE_PUBLISHABLE_KEY!, {
    accessToken: token,
  });
  open.push(client);
  await client.realtime.setAuth();
  return client;
}

const as = (user: DeploymentUser) => connect(async () => user.token);

interface Heard {
  jobs: Job[];
  credits: number[];
  states: string[];
  systems: { extension: string; status: string; message: string }[];
  problems: string[];
}

function listen(channel: RealtimeChannel): Heard {
  const heard: Heard = { jobs: [], credits: [], states: [], systems: [], problems: [] };
  channel
    .on('system' as any, {} as any, (message: any) => heard.systems.push(message))
    .subscribe((state, error) => {
      heard.states.push(state);
      if (error) heard.problems.push(error.message);
    });
  return heard;
}

/** Changes of the tables, as its user sees them. */
function follow(client: SupabaseClient, filter?: string): Heard {
  const channel = client.channel(`jobs ${open.length}`);
  const table = (name: string, take: (row: any) => void) =>
    channel.on(
      'postgres_changes',
      { event: '*', schema: 'public', table: name, ...(filter && name !== 'users' ? { filter } : {}) },
      ({ new: row }) => take(row),
    );
  table('image_generation_jobs', (row) => heard.jobs.push(row));
  table('users', (row) => heard.credits.push(row.credits));
  const heard: Heard = listen(channel);
  return heard;
}

/** Messages on the private topic of a user. */
function join(client: SupabaseClient, userId: string): Heard {
  const channel = client.channel(`user:${userId}`, { config: { private: true } });
  channel.on('broadcast', { event: 'job' }, ({ payload }) => heard.jobs.push(payload.job));
  channel.on('broadcast', { event: 'credits' }, ({ payload }) => heard.credits.push(payload.credits));
  const heard: Heard = listen(channel);
  return heard;
}

const until = (what: () => unknown, timeout = 20_000) => expect.poll(what, { timeout });
const isLive = (heard: Heard) =>
  until(() => heard.systems).toContainEqual(
    expect.objectContaining({ extension: 'postgres_changes', status: 'ok' }),
  );
const isIn = (heard: Heard) => until(() => heard.states).toEqual(['SUBSCRIBED']);
const versions = (heard: Heard, jobId: string) =>
  heard.jobs.filter(({ id }) => id === jobId).map(({ version }) => version);
const upTo = (version: number) => Array.from({ length: version }, (_, at) => at + 1);

describe('a client that follows the tables', () => {
  it('receives every version of its own jobs in order, and its balance; nothing of other users', async () => {
    const [ada, boris] = [await deployment.user('ada'), await deployment.user('boris')];
    await Promise.all([ada.credits(), boris.credits()]);
    const all = follow(await as(ada));
    const filtered = follow(await as(ada), `user_id=eq.${ada.id}`);
    const others = follow(await as(boris));
    await Promise.all([all, filtered, others].map(isLive));

    const jobs = await Promise.all([
      ada.submit({ prompt: 'a fox' }),
      ada.submit({
        prompt: 'a prompt of many words '.repeat(150),
        metadata: { from: 'test', tags: [1, 'ü'] },
      }),
      boris.submit({ prompt: 'an owl [fault: blocked]' }),
    ]);
    const [first, second, foreign] = await Promise.all(
      jobs.map(async ({ id }, at) => (await (at < 2 ? ada : boris).ended(id)).job),
    );
    for (const job of [first!, second!]) {
      for (const heard of [all, filtered]) {
        await until(() => versions(heard, job.id)).toEqual(upTo(job.version));
        expect(shared(heard.jobs.findLast(({ id }) => id === job.id)!)).toEqual(shared(job));
      }
    }
    await until(() => versions(others, foreign!.id)).toEqual(upTo(foreign!.version));
    expect(foreign).toMatchObject({ status: 'failed', receipt: { refunded: 3 } });
    expect(new Set(all.jobs.map(({ user_id }) => user_id))).toEqual(new Set([ada.id]));
    expect(new Set(others.jobs.map(({ user_id }) => user_id))).toEqual(new Set([boris.id]));
    // A subscription may still receive what was committed just before it: here the creation of the user.
    await until(() => all.credits.slice(-2)).toEqual([17, 14]);
    await until(() => others.credits.slice(-2)).toEqual([17, 20]);
  });

  it('sees nothing with the token of another user, nor without one', async () => {
    const [ada, boris] = [await deployment.user('ada'), await deployment.user('boris')];
    const filter = `user_id=eq.${ada.id}`;
    const own = follow(await as(ada), filter);
    const foreign = follow(await as(boris), filter);
    const visitor = createClient(
      deployment.stack.variables.SUPABASE_URL!,
      deployment.stack.variables.SUPABASE_PUBLISHABLE_KEY!,
    );
    open.push(visitor);
    const nobody = follow(visitor, filter);
    await Promise.all([own, foreign, nobody].map(isLive));
    const { id } = await ada.submit({ prompt: 'a fox' });
    const { job } = await ada.ended(id);
    await until(() => versions(own, id)).toEqual(upTo(job.version));
    expect([foreign.jobs, nobody.jobs]).toEqual([[], []]);
  });

  it('stays open with a fresh token, and is closed when the token expires', async () => {
    const ada = await deployment.user('ada');
    const stale = await deployment.token(ada.id, { expiresInSeconds: 6 });
    let token = stale;
    const client = await connect(async () => token);
    const kept = follow(client);
    const left = follow(await connect(async () => stale));
    await Promise.all([kept, left].map(isLive));
    // The client asks for it at each heartbeat; this asks at once.
    token = await deployment.token(ada.id);
    await client.realtime.setAuth();

    await until(() => left.states).toEqual(['SUBSCRIBED', 'CLOSED']);
    expect(left.systems.at(-1)).toMatchObject({
      extension: 'system',
      status: 'error',
      message: expect.stringMatching(/^Token has expired \d+ seconds ago$/),
    });
    const { id } = await ada.submit({ prompt: 'a fox' });
    const { job } = await ada.ended(id);
    await until(() => versions(kept, id)).toEqual(upTo(job.version));
    expect(kept.states).toEqual(['SUBSCRIBED']);
    expect(left.jobs).toEqual([]);
    const late = follow(await connect(async () => stale));
    await until(() => late.problems[0]).toMatch(/^InvalidJWTToken: Token has expired/);
  });

  it('catches up after 10 seconds without a connection: it reads again, and receives what follows', async () => {
    const ada = await deployment.user('ada');
    const way = await openCut(deployment.stack.variables.SUPABASE_URL!);
    try {
      const client = await connect(async () => ada.token, way.url);
      const heard = follow(client, `user_id=eq.${ada.id}`);
      await isLive(heard);
      const before = await ada.submit({ prompt: 'a fox' });
      await until(() => versions(heard, before.id).length).toBeGreaterThan(0);

      way.cut();
      const [missed] = await Promise.all([ada.submit({ prompt: 'an owl' }), sleep(10_000)]);
      const [{ job: first }, { job: second }] = [await ada.ended(before.id), await ada.ended(missed.id)];
      expect(versions(heard, missed.id)).toEqual([]);
      heard.systems.length = 0;
      way.mend();
      await isLive(heard);

      const { data } = await client
        .from('image_generation_jobs')
        .select('*')
        .eq('user_id', ada.id)
        .order('created_at');
      expect(data!.map(shared)).toEqual([first, second].map(shared));
      const { id } = await ada.submit({ prompt: 'a cat' });
      const { job } = await ada.ended(id);
      await until(() => versions(heard, id)).toEqual(upTo(job.version));
    } finally {
      await way.close();
    }
  });
});

describe('the private topic of a user', () => {
  it('carries every version of the jobs and every balance, the same objects as the API', async () => {
    const ada = await deployment.user('ada');
    await ada.credits();
    const heard = join(await as(ada), ada.id);
    await isIn(heard);
    const { id } = await ada.submit({ prompt: 'a fox', metadata: { from: 'test' } });
    const { job } = await ada.ended(id);
    await until(() => versions(heard, id)).toEqual(upTo(job.version));
    expect(shared(heard.jobs.at(-1)!)).toEqual(shared(job));
    expect(Object.keys(heard.jobs.at(-1)!).toSorted()).toEqual([...jobFields].toSorted());
    await until(() => heard.credits).toEqual([17]);
  });

  it('refuses other users and unauthenticated clients, and its own user cannot broadcast on it', async () => {
    const [ada, boris] = [await deployment.user('ada'), await deployment.user('boris')];
    const client = await as(ada);
    const own = join(client, ada.id);
    const foreign = join(await as(boris), ada.id);
    const visitor = createClient(
      deployment.stack.variables.SUPABASE_URL!,
      deployment.stack.variables.SUPABASE_PUBLISHABLE_KEY!,
    );
    open.push(visitor);
    const nobody = join(visitor, ada.id);
    const pub = (await as(boris)).channel(`user:${ada.id}`);
    const eavesdropper = listen(pub);
    await Promise.all([isIn(own), isIn(eavesdropper)]);
    for (const refused of [foreign, nobody]) {
      await until(() => refused.states[0]).toBe('CHANNEL_ERROR');
      expect(refused.problems[0]).toContain('Unauthorized');
    }
    await pub.send({ type: 'broadcast', event: 'job', payload: { job: { id: 'fake' } } });
    await client
      .getChannels()[0]!
      .send({ type: 'broadcast', event: 'job', payload: { job: { id: 'fake' } } });
    const { id } = await ada.submit({ prompt: 'a fox' });
    const { job } = await ada.ended(id);
    await until(() => versions(own, id)).toEqual(upTo(job.version));
    expect(new Set(own.jobs.map((one) => one.id))).toEqual(new Set([id]));
    expect([foreign.jobs, nobody.jobs, eavesdropper.jobs]).toEqual([[], [], []]);
  });
});
