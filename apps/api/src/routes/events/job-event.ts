import type { Job } from '@darkroom/core/job/job';

type Chunk = Uint8Array<ArrayBuffer>;

/** Thousands of streams are sent the same state: it is written once. */
const written = new WeakMap<Job, { id: string; chunk: Chunk }>();
const encoder = new TextEncoder();

/** One server-sent event that shows the job. `id` must be on one line. */
export function jobEvent(job: Job, id: string): Chunk {
  const before = written.get(job);
  if (before?.id === id) return before.chunk;
  const chunk = encoder.encode(`event: job\nid: ${id}\ndata: ${JSON.stringify(job)}\n\n`);
  written.set(job, { id, chunk });
  return chunk;
}

/** Tells a client how long to wait before it connects again, in milliseconds. */
export function retryAfter(ms: number): Chunk {
  return encoder.encode(`retry: ${Math.round(ms)}\n\n`);
}
