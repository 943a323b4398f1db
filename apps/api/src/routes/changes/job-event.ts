import type { Job } from '@darkroom/core/job/job';

type Chunk = Uint8Array<ArrayBuffer>;

/** Thousands of streams may send the same state, so it is encoded once. */
const encoded = new WeakMap<Job, { id: string; chunk: Chunk }>();
const encoder = new TextEncoder();

/** A server-sent event with the job as data. `id` must not contain a line break. */
export function jobEvent(job: Job, id: string): Chunk {
  const cached = encoded.get(job);
  if (cached?.id === id) return cached.chunk;
  const chunk = encoder.encode(`event: job\nid: ${id}\ndata: ${JSON.stringify(job)}\n\n`);
  encoded.set(job, { id, chunk });
  return chunk;
}

/** Tells the client how long to wait before it reconnects, in milliseconds. */
export function retryEvent(ms: number): Chunk {
  return encoder.encode(`retry: ${Math.round(ms)}\n\n`);
}
