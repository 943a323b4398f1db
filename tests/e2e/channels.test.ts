import type { Job } from '@darkroom/core/job/job';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useSharedDeployment } from '../support/deployment.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';
import { shared } from '../support/shared-object.ts';
import { type OpenedStream, openStream } from '../support/sse.ts';

const deployment = useSharedDeployment();
let receiver: Receiver;
const streams: OpenedStream[] = [];

beforeAll(async () => {
  receiver = await openReceiver(deployment.stack.variables.WEBHOOK_SIGNING_SECRET!);
}, 120_000);
afterAll(async () => {
  for (const stream of streams) stream.leave();
  await receiver?.close();
}, 120_000);

it('a job is the same object by every channel, at each of its versions', async () => {
  const ada = await deployment.user('ada');
  const supabase = ada.supabase();
  await supabase.realtime.setAuth();
  const byTable: Job[] = [];
  const byTopic: Job[] = [];
  let live = 0;
  supabase
    .channel('the table')
    .on(
      'postgres_changes',
      { event: '*', schema: 'public', table: 'image_generation_jobs' },
      ({ new: row }) => byTable.push(row as Job),
    )
    .on('system' as any, {} as any, ({ extension, status }: any) => {
      if (extension === 'postgres_changes' && status === 'ok') live += 1;
    })
    .subscribe();
  supabase
    .channel(`user:${ada.id}`, { config: { private: true } })
    .on('broadcast', { event: 'job' }, ({ payload }) => byTopic.push(payload.job))
    .subscribe((state) => {
      if (state === 'SUBSCRIBED') live += 1;
    });
  await expect.poll(() => live, { timeout: 20_000 }).toBe(2);
  const follow = async (path: string) => {
    const stream = await openStream(`${deployment.stack.api.url}${path}`, { token: ada.token });
    streams.push(stream);
    return stream;
  };
  const all = await follow('/v1/events');

  const made = await ada.submit({
    prompt: 'a fox with a cup of tea, ü [latency: 1500ms]',
    aspect_ratio: '16:9',
    metadata: { from: 'test', tags: [1, 'ü', null], deep: { a: true } },
    webhook_url: receiver.url('/hook'),
    webhook_events: ['job.processing', 'job.completed'],
  });
  const { id } = made;
  const one = await follow(`/v1/jobs/${id}/events`);
  const { job: read, seen: polled } = await ada.ended(id);
  await all.until(({ job }) => job.id === id && job.completed_at !== null);
  expect(await one.ended).toBe(true);
  await receiver.until(() => receiver.of(id).length === 2);
  for (const heard of [byTable, byTopic]) {
    await expect.poll(() => heard.at(-1)?.version, { timeout: 20_000 }).toBe(read.version);
  }
  await supabase.realtime.disconnect();

  // Realtime tells every version: what the others tell is held against it.
  const byVersion = new Map(byTable.map((row) => [row.version, shared(row)]));
  expect([...byVersion.keys()]).toEqual(Array.from({ length: read.version }, (_, at) => at + 1));
  const { data: listed } = (await ada.get('/v1/jobs')).body;
  const sent = receiver.of(id).map(({ event }) => event.data);
  const { data: rows } = await supabase.from('image_generation_jobs').select('*').eq('id', id);
  const channels: Record<string, object[]> = {
    submission: [made],
    poll: polled,
    list: listed,
    'Data API': rows!,
    'stream of the job': one.events.map(({ job }) => job),
    'stream of the user': all.events.map(({ job }) => job),
    topic: byTopic,
    webhook: sent,
  };
  for (const [channel, jobs] of Object.entries(channels)) {
    for (const job of jobs.map(shared)) {
      expect(job, `${channel}, version ${job.version}`).toEqual(byVersion.get(job.version));
    }
  }
  // Webhooks come in no certain order.
  const last = Object.entries(channels).map(([channel, jobs]) => [
    channel,
    Math.max(...jobs.map((job) => shared(job).version)),
  ]);
  expect(last.filter(([channel, version]) => channel !== 'submission' && version !== read.version)).toEqual(
    [],
  );
  expect(shared(read)).toMatchObject({ status: 'completed', receipt: { net: 3 }, metadata: made.metadata });
  // The receiver takes nothing that the library of Standard Webhooks does not verify.
  expect(receiver.rejected).toEqual([]);
  expect(
    receiver
      .of(id)
      .map(({ event }) => event.type)
      .toSorted(),
  ).toEqual(['job.completed', 'job.processing']);
}, 60_000);
