import { setTimeout as sleep } from 'node:timers/promises';
import { authorizeTopic, type TopicRights } from './authorize-topic.ts';
import type { RealtimeDatabase } from './database.ts';
import { createFollowing } from './following.ts';
import type { Broadcast, Frame } from './frame.ts';
import type { Hub, Listener } from './hub.ts';
import { readJoin } from './join-config.ts';
import { Refusal } from './refusal.ts';
import { expired, type Session, type SignIn, type Visitor } from './sign-in.ts';
import type { Stream } from './stream.ts';
import { idOf } from './subscription.ts';

const LONGEST_TIMER_MS = 3_600_000;
const STREAM_READY_WITHIN_MS = 3_000;

export interface ChannelDeps {
  signIn: SignIn;
  hub: Hub;
  stream: Stream;
  database: RealtimeDatabase;
  /** In milliseconds since 1970. */
  now: () => number;
}

/** The connection of a channel. */
export interface Wire {
  visitor: Visitor;
  send(frame: Frame): void;
  sendBytes(topic: string, broadcast: Broadcast & { payload: Buffer }): void;
}

export interface Channel {
  readonly joinRef: string | null;
  /** Handles a frame of the client; frames of one channel are handled in order. */
  receive(frame: Frame): Promise<void>;
  /** Ends without a message: the connection is gone, or the client joins again. Idempotent. */
  end(): void;
}

/**
 * Answers a `phx_join`. An accepted channel replies `ok` and follows the database until the client leaves, its token
 * expires or is no longer accepted, or the connection ends.
 * @returns null when it was refused; the refusal was sent.
 */
export async function joinChannel(
  frame: Frame,
  wire: Wire,
  deps: ChannelDeps,
  onEnd: () => void,
): Promise<Channel | null> {
  const { hub, stream, database, now } = deps;
  const { topic, joinRef, ref } = frame;
  const name = topic.slice('realtime:'.length);
  const { config, token } = readJoin(frame.payload);
  const { private: isPrivate, postgres_changes: bindings } = config;
  const ended = new AbortController();
  let rights: TopicRights = { read: true, write: true };
  let session: Session;
  let expiry: NodeJS.Timeout | undefined;

  const push = (event: string, payload: unknown) => wire.send({ joinRef, ref: null, topic, event, payload });
  const reply = (to: string | null, status: 'ok' | 'error', response: unknown) =>
    wire.send({ joinRef, ref: to, topic, event: 'phx_reply', payload: { status, response } });
  const system = (extension: string, status: 'ok' | 'error', message: string) =>
    push('system', { extension, status, message, channel: name });

  const listener: Listener = {
    name,
    isPrivate,
    get identity() {
      return session.identity;
    },
    push,
    hear,
    resume: () => void following.follow(),
  };
  const following = createFollowing(
    {
      bindings,
      listener,
      signal: ended.signal,
      report: (status, message) => system('postgres_changes', status, message),
    },
    deps,
  );

  try {
    if (name === '') throw new Refusal('TopicNameRequired', 'You must provide a topic name');
    await enter(await deps.signIn(wire.visitor, token));
  } catch (error) {
    reply(ref, 'error', { reason: reasonOf(error) });
    return null;
  }
  hub.add(listener);
  const streaming = stream.live().catch(() => {});
  const admit = () => {
    reply(ref, 'ok', { postgres_changes: bindings.map((one) => ({ ...one, id: idOf(one) })) });
    if (config.presence.enabled) push('presence_state', {});
  };
  if (bindings.length === 0) {
    // Messages that the database sends to a private topic after the reply must arrive.
    if (isPrivate) await Promise.race([streaming, sleep(STREAM_READY_WITHIN_MS, undefined, { ref: false })]);
    admit();
  } else if (config.postgres_changes_options.wait) {
    void following.start(config.postgres_changes_options.timeout, admit, (refusal) => {
      reply(ref, 'error', { reason: refusal.reason });
      end();
    });
  } else {
    admit();
    void following.follow();
  }
  return { joinRef, receive, end };

  /** Switches to a session, if its token may join. */
  async function enter(next: Session): Promise<void> {
    if (isPrivate) {
      const allowed = await authorizeTopic(database, next.identity, name);
      if (!allowed.read) {
        throw new Refusal(
          'Unauthorized',
          `You do not have permissions to read from this Channel topic: ${name}`,
        );
      }
      rights = allowed;
    }
    session = next;
    watchExpiry();
  }

  function watchExpiry(): void {
    clearTimeout(expiry);
    const { expiresAt } = session;
    if (expiresAt === undefined || ended.signal.aborted) return;
    const leftMs = Math.max(0, expiresAt - now());
    expiry = setTimeout(
      () => (leftMs > LONGEST_TIMER_MS ? watchExpiry() : close(expired(expiresAt, now()))),
      Math.min(leftMs, LONGEST_TIMER_MS),
    );
  }

  async function receive(frame: Frame): Promise<void> {
    switch (frame.event) {
      case 'phx_leave':
        reply(frame.ref, 'ok', {});
        return close();
      case 'access_token':
        return await refresh((frame.payload as { access_token?: unknown }).access_token);
      case 'broadcast':
        return relay(frame);
      case 'presence':
        return reply(frame.ref, 'ok', {});
    }
  }

  async function refresh(fresh: unknown): Promise<void> {
    if (typeof fresh !== 'string' || fresh.startsWith('sb_') || fresh === session.token) return;
    try {
      await enter(await deps.signIn(wire.visitor, fresh));
    } catch (error) {
      return close(messageOf(error));
    }
    void following.follow();
  }

  function relay({ ref: saidRef, payload }: Frame): void {
    const { event, payload: content } = payload as { event?: unknown; payload?: unknown };
    if (typeof event !== 'string') return;
    if (rights.write) {
      for (const other of hub.onTopic(name, isPrivate)) {
        if (other !== listener || config.broadcast.self) other.hear({ event, payload: content });
      }
    }
    if (config.broadcast.ack) reply(saidRef, 'ok', {});
  }

  function hear({ event, payload, meta }: Broadcast): void {
    if (Buffer.isBuffer(payload)) {
      wire.sendBytes(topic, { event, payload, meta });
      return;
    }
    // A message without a reply reference is routed by its topic alone.
    wire.send({
      joinRef: null,
      ref: null,
      topic,
      event: 'broadcast',
      payload: { type: 'broadcast', event, payload, ...(meta !== undefined && { meta }) },
    });
  }

  /** Sends the reason, if any, and closes the channel; the client does not rejoin by itself. */
  function close(reason?: string): void {
    if (ended.signal.aborted) return;
    if (reason !== undefined) system('system', 'error', reason);
    wire.send({ joinRef, ref: joinRef, topic, event: 'phx_close', payload: {} });
    end();
  }

  function end(): void {
    if (ended.signal.aborted) return;
    ended.abort();
    clearTimeout(expiry);
    hub.remove(listener);
    onEnd();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Refusal
    ? error.reason
    : `UnableToConnectToProject: Realtime was unable to connect to the project database (${messageOf(error)})`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
