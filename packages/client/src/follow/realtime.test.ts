import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { JobView } from '../job/job.ts';
import { completed } from '../testing/fake-api.ts';
import { freezeTime, openDarkroom, pass } from '../testing/harness.ts';

beforeEach(freezeTime);
afterEach(() => {
  expect(vi.getTimerCount(), 'timers left behind').toBe(0);
  vi.useRealTimers();
});

/** A supabase-js client whose server is played by the test. */
function fakeSupabase() {
  const log: string[] = [];
  const channels: {
    name: string;
    filters: object[];
    setStatus(status: string): void;
    row(job: object): void;
    system(message: object): void;
  }[] = [];
  return {
    log,
    channels,
    realtime: {
      async setAuth() {
        log.push('setAuth');
      },
    },
    channel(name: string) {
      const listeners: Record<string, (payload: object) => void> = {};
      const channel = {
        name,
        filters: [] as object[],
        setStatus: (_: string) => {},
        row: (job: object) => listeners.postgres_changes!({ new: job }),
        system: (message: object) => listeners.system!(message),
        on(type: string, filter: object, callback: (payload: object) => void) {
          listeners[type] = callback;
          channel.filters.push(filter);
          return channel;
        },
        subscribe(callback: (status: string) => void) {
          log.push('subscribe');
          channel.setStatus = callback;
          return channel;
        },
      };
      channels.push(channel);
      return channel;
    },
    async removeChannel(channel: { name: string; setStatus(status: string): void }) {
      log.push('remove');
      channel.setStatus('CLOSED');
      return 'ok';
    },
  };
}

function follow(how: object = {}) {
  const supabase = fakeSupabase();
  const opened = openDarkroom({ supabase });
  opened.api.hasStreams = false;
  const { darkroom, api, onUpdate } = opened;
  return { ...opened, supabase, result: darkroom.jobs.follow(api.job.id, { onUpdate, ...how }) };
}

const asRow = (job: JobView) => ({ ...job, managed: true });

describe('a job that is followed by Realtime', () => {
  it('sets the token before it subscribes, and subscribes to this job only', async () => {
    const { api, supabase, result } = follow();
    await pass(10);
    expect(supabase.log).toEqual(['setAuth', 'subscribe']);
    expect(supabase.channels[0]!.filters[0]).toEqual({
      event: '*',
      schema: 'public',
      table: 'image_generation_jobs',
      filter: `id=eq.${api.job.id}`,
    });
    supabase.channels[0]!.row(asRow({ ...api.job, version: 2, ...completed }));
    await result;
    expect(supabase.log.at(-1)).toBe('remove');
  });

  it('is subscribed to only where streams do not work, unless asked for explicitly', async () => {
    const supabase = fakeSupabase();
    const { api, darkroom } = openDarkroom({ supabase });
    const by = (follow: 'auto' | 'realtime') => darkroom.jobs.follow(api.job.id, { follow });
    const results = [by('auto'), by('realtime')];
    await pass(10);
    expect(supabase.channels.length).toBe(1);
    expect(api.streams.length).toBe(1);
    api.change(completed);
    await pass(20_000);
    await Promise.all(results);
  });

  it('is read when subscribed, when changes start to arrive, and every 15 s', async () => {
    const { api, supabase, result, seen } = follow();
    await pass(10);
    const [channel] = supabase.channels;
    const before = api.count('read');
    api.changeSilently({ status: 'processing' });
    channel!.setStatus('SUBSCRIBED');
    await pass(0);
    expect(api.count('read')).toBe(before + 1);
    expect(seen.at(-1)!.status).toBe('processing');
    channel!.system({ status: 'ok', extension: 'postgres_changes' });
    await pass(0);
    expect(api.count('read')).toBe(before + 2);
    await pass(35_000);
    expect(api.count('read')).toBe(before + 5);
    const waits = api.count('wait');
    await pass(60_000);
    expect(api.count('wait')).toBe(waits);
    api.changeSilently(completed);
    await pass(15_000);
    await result;
  });

  it('shows rows by their version, and ignores empty ones', async () => {
    const { api, supabase, result, versions, seen } = follow();
    await pass(10);
    const [channel] = supabase.channels;
    channel!.setStatus('SUBSCRIBED');
    const at = (version: number) => asRow({ ...api.job, status: 'processing', version });
    for (const version of [3, 2, 3, 5, 4]) channel!.row(at(version));
    channel!.row({});
    channel!.row({ ...asRow({ ...api.job, ...completed }), version: 6 });
    await result;
    expect(versions()).toEqual([1, 3, 5, 6]);
    expect(seen.at(-1)).toEqual({ ...api.job, ...completed, version: 6 });
  });

  it('is long-polled while Realtime is down, and gets a new channel after one was closed', async () => {
    const { api, supabase, result } = follow();
    await pass(10);
    supabase.channels[0]!.setStatus('SUBSCRIBED');
    await pass(4_000);
    const waits = api.count('wait');
    supabase.channels[0]!.setStatus('CLOSED');
    await pass(10);
    expect(api.count('wait')).toBe(waits + 1);
    await pass(6_000);
    expect(supabase.channels.length).toBe(2);
    expect(supabase.channels[1]!.name).not.toBe(supabase.channels[0]!.name);
    api.change(completed);
    await pass(10);
    await result;
    expect(supabase.log.filter((line) => line === 'remove').length).toBe(2);
  });
});
