/**
 * A program: follows one user's jobs over every channel and records when each version arrives. It does nothing else, so
 * that nothing delays an update.
 */
import { createClient } from '@supabase/supabase-js';
import { runProgram } from '../deployment/run-program.ts';

export interface FollowerOptions {
  apiUrl: string;
  supabaseUrl: string;
  publishableKey: string;
  user: { id: string; token: string };
}

export type Channel = 'sse' | 'realtime' | 'long-poll';

/** How long a version of a job took to arrive, in milliseconds. */
export interface Arrival {
  channel: Channel;
  jobId: string;
  version: number;
  tookMs: number;
}

interface Shown {
  id: string;
  version: number;
  status: string;
  updated_at: string;
}

runProgram<FollowerOptions>(async ({ apiUrl, supabaseUrl, publishableKey, user }) => {
  const arrivals: Arrival[] = [];
  const headers = { authorization: `Bearer ${user.token}` };
  const ended = new AbortController();
  const note = (channel: Channel, { id, version, updated_at }: Shown) => {
    const tookMs = performance.timeOrigin + performance.now() - Date.parse(updated_at);
    arrivals.push({ channel, jobId: id, version, tookMs });
  };

  const supabase = createClient(supabaseUrl, publishableKey, { accessToken: async () => user.token });
  // Otherwise the channel is joined before the token is known, and receives nothing.
  await supabase.realtime.setAuth();
  await new Promise<void>((resolve, reject) => {
    supabase
      .channel('jobs')
      .on(
        'postgres_changes',
        {
          event: 'UPDATE',
          schema: 'public',
          table: 'image_generation_jobs',
          filter: `user_id=eq.${user.id}`,
        },
        (change) => note('realtime', change.new as Shown),
      )
      .on('system', {}, ({ status }) => {
        if (status === 'ok') resolve();
      })
      .subscribe((status, error) => {
        if (status === 'CHANNEL_ERROR') reject(error ?? new Error('Realtime refused.'));
      });
  });

  void followStream().catch((error: unknown) => {
    if (!ended.signal.aborted) process.stderr.write(`${error}\n`);
  });

  return {
    ready: {},
    async answer(question: { poll?: string }) {
      if (question.poll) {
        void poll(question.poll);
        return null;
      }
      return arrivals;
    },
    async stop() {
      ended.abort();
      await supabase.removeAllChannels();
    },
  };

  async function followStream(): Promise<void> {
    const answer = await fetch(`${apiUrl}/v1/events`, { headers, signal: ended.signal });
    let text = '';
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const events = text.split('\n\n');
      text = events.pop()!;
      for (const event of events) {
        const data = /^data: ?(.*)$/m.exec(event)?.[1];
        if (/^event: ?job$/m.test(event) && data) note('sse', JSON.parse(data) as Shown);
      }
    }
  }

  async function poll(jobId: string): Promise<void> {
    let etag: string | null = null;
    for (;;) {
      const answer = await fetch(`${apiUrl}/v1/jobs/${jobId}${etag ? '?wait=25' : ''}`, {
        headers: { ...headers, ...(etag ? { 'if-none-match': etag } : {}) },
        signal: ended.signal,
      });
      etag = answer.headers.get('etag') ?? etag;
      if (answer.status === 304) continue;
      const job = (await answer.json()) as Shown;
      note('long-poll', job);
      if (!['pending', 'processing'].includes(job.status)) return;
    }
  }
});
