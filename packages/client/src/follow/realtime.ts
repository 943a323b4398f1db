import type { JobView } from '../job/job.ts';

/** The part of a supabase-js client that is used. Create it with `accessToken`. */
export interface SupabaseClient {
  realtime: { setAuth(): Promise<void> };
  channel(name: string): object;
  removeChannel(channel: never): Promise<unknown>;
}

/** The part of a Realtime channel that is used. */
interface Channel {
  on(type: 'postgres_changes', filter: object, listener: (change: { new: Row }) => void): void;
  on(type: 'system', filter: object, listener: (message: { status?: string }) => void): void;
  subscribe(listener: (status: string) => void): void;
}

/** Empty when Realtime could not show the row. */
interface Row extends JobView {
  managed: boolean;
}

const reopenAfterMs = 5_000;

/**
 * Subscribes to a job through Supabase Realtime until the returned function is called. `onLive(true)`: from now on
 * changes are sent, and everything before has to be read; `onLive(false)`: nothing is received any more.
 */
export function subscribeToJob(
  supabase: SupabaseClient,
  jobId: string,
  { onRow, onLive }: { onRow(row: JobView): void; onLive(live: boolean): void },
): () => void {
  let closed = false;
  let channel: Channel | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function open(): Promise<void> {
    try {
      // Otherwise the first join is sent before the token is known and receives nothing.
      await supabase.realtime.setAuth();
      if (closed) return;
      // A unique name: supabase-js returns an existing channel for a known one, already joined.
      const own = supabase.channel(`job:${jobId}:${Math.random().toString(36).slice(2)}`) as Channel;
      channel = own;
      own.on(
        'postgres_changes',
        { event: '*', schema: 'public', table: 'image_generation_jobs', filter: `id=eq.${jobId}` },
        ({ new: { managed: _, ...row } }) => onRow(row),
      );
      // SUBSCRIBED comes before changes are received from the database; this message comes after.
      own.on('system', {}, ({ status }) => {
        if (status === 'ok' && channel === own) onLive(true);
      });
      own.subscribe((status) => {
        if (channel !== own || closed) return;
        onLive(status === 'SUBSCRIBED');
        // A channel rejoins by itself after an error, but not after it was closed.
        if (status === 'CLOSED') reopen();
      });
    } catch {
      reopen();
    }
  }

  function reopen(): void {
    leave();
    if (!closed) timer = setTimeout(open, reopenAfterMs);
  }

  function leave(): void {
    const left = channel;
    channel = undefined;
    clearTimeout(timer);
    if (left) supabase.removeChannel(left as never).catch(() => {});
  }

  void open();
  return () => {
    closed = true;
    leave();
  };
}
