import type { JobView } from '../job/job.ts';

/** The part of a supabase-js client that is used; it is to be made with `accessToken`. */
export interface SupabaseClient {
  realtime: { setAuth(): Promise<void> };
  channel(name: string): object;
  removeChannel(channel: never): Promise<unknown>;
}

/** What `channel` gives, in as much as it is used. */
interface Channel {
  on(type: 'postgres_changes', filter: object, heard: (change: { new: Row }) => void): void;
  on(type: 'system', filter: object, heard: (message: { status?: string }) => void): void;
  subscribe(heard: (status: string) => void): void;
}

/** Empty when Realtime could not show it. */
interface Row extends JobView {
  managed: boolean;
}

const reopenAfterMs = 5_000;

/**
 * Hears of a job by Supabase Realtime until the returned function is called. It may miss changes: `onLive(true)` says
 * that from now on they are sent, and everything before has to be read; `onLive(false)` that nothing is heard any more.
 */
export function hearJob(
  supabase: SupabaseClient,
  jobId: string,
  on: { row(row: JobView): void; live(live: boolean): void },
): () => void {
  let closed = false;
  let channel: Channel | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function open(): Promise<void> {
    try {
      // Without this the first join goes out before the token is known, and hears nothing.
      await supabase.realtime.setAuth();
      if (closed) return;
      // A name of its own: the same one would give back a channel that is already joined.
      const own = supabase.channel(`job:${jobId}:${Math.random().toString(36).slice(2)}`) as Channel;
      channel = own;
      own.on(
        'postgres_changes',
        { event: '*', schema: 'public', table: 'image_generation_jobs', filter: `id=eq.${jobId}` },
        ({ new: { managed: _, ...row } }) => on.row(row),
      );
      // SUBSCRIBED comes before the database is listened to; this comes after.
      own.on('system', {}, ({ status }) => {
        if (status === 'ok' && channel === own) on.live(true);
      });
      own.subscribe((status) => {
        if (channel !== own || closed) return;
        on.live(status === 'SUBSCRIBED');
        // After an error the channel joins anew by itself; a closed one does not.
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
