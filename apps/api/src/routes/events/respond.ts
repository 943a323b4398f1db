import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Watch } from '../../changes/watch.ts';
import type { ApiEnv } from '../../http/env.ts';
import { ProblemError } from '../../problem/problem.ts';
import { type EventStream, openEventStream } from './event-stream.ts';
import { retryAfter } from './job-event.ts';

export interface StreamDeps {
  watch: Watch;
  /** From 0 to 1. */
  random: () => number;
}

/** A token is looked at when a stream opens: now and then the client has to show a new one. In milliseconds. */
const lifetimeMs = 15 * 60_000;
/** How long a client that reads nothing keeps its connection, in milliseconds. */
const stuckMs = 60_000;

/**
 * Answers with server-sent events. `begin` is given the stream and returns what ends the following; that is called
 * whichever way the stream closes. Reconnecting is spread over seconds, so that a restart brings no stampede.
 * @throws ProblemError service_unavailable when this process is full or stopping
 */
export function respondWithEvents(
  c: Context<ApiEnv>,
  { watch, random }: StreamDeps,
  begin: (stream: EventStream) => () => void,
): Response {
  if (watch.full) throw unavailable();
  c.header('Content-Type', 'text/event-stream; charset=utf-8');
  c.header('Cache-Control', 'private, no-cache, no-transform');
  c.header('X-Accel-Buffering', 'no');
  if (c.req.method === 'HEAD') return c.body(null);

  let unfollow: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  const stream = openEventStream({
    onClose() {
      closed = true;
      clearTimeout(timer);
      unfollow?.();
    },
  });
  timer = setTimeout(() => stream.end(), lifetimeMs * (0.8 + 0.2 * random()));
  stream.send('retry', retryAfter(1_000 + 2_000 * random()));
  unfollow = begin(stream);
  // It may have ended at once, before there was anything to unfollow.
  if (closed) unfollow();
  cutWhenStuck(c);
  return c.body(stream.body);
}

/** A connection that takes nothing is cut by its socket: no write would ever fail. Absent where there is no socket. */
function cutWhenStuck(c: Context<ApiEnv>): void {
  const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
  outgoing?.setTimeout(stuckMs);
}

function unavailable(): ProblemError {
  return new ProblemError({
    code: 'service_unavailable',
    detail: 'This process takes no more streams at the moment. Connect again.',
    headers: { 'Retry-After': '1' },
  });
}
