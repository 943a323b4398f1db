import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { ChangeFeed } from '../../changes/feed.ts';
import type { ApiEnv } from '../../http/env.ts';
import { ProblemError } from '../../problem/problem.ts';
import { type EventStream, openEventStream } from './event-stream.ts';
import { retryEvent } from './job-event.ts';

export interface StreamDeps {
  changes: ChangeFeed;
  /** Returns a number from 0 to 1. */
  random: () => number;
}

/** Milliseconds. Tokens are verified when a stream opens, so a client must reconnect with a new one now and then. */
const lifetimeMs = 15 * 60_000;
/** A client that reads nothing for this long, in milliseconds, is disconnected. */
const stuckMs = 60_000;

/**
 * Responds with server-sent events. `begin` receives the stream and returns a function that unfollows, which is called
 * however the stream closes. Lifetime and reconnect delay are random, so that clients do not all reconnect at once.
 * @throws ProblemError service_unavailable if this process is full or stopping
 */
export function respondWithEvents(
  c: Context<ApiEnv>,
  { changes, random }: StreamDeps,
  begin: (stream: EventStream) => () => void,
): Response {
  if (changes.isFull) throw unavailable();
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
  stream.send('retry', retryEvent(1_000 + 2_000 * random()));
  unfollow = begin(stream);
  // `begin` can end the stream before it returns.
  if (closed) unfollow();
  disconnectWhenStuck(c);
  return c.body(stream.body);
}

/** A write to a client that does not read never fails, so the socket's own timeout ends it. In tests there is no socket. */
function disconnectWhenStuck(c: Context<ApiEnv>): void {
  const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
  outgoing?.setTimeout(stuckMs);
}

function unavailable(): ProblemError {
  return new ProblemError({
    code: 'service_unavailable',
    detail: 'This process accepts no more streams at the moment. Connect again in a second.',
    headers: { 'Retry-After': '1' },
  });
}
