import type { Log } from '../../runtime/log/log.ts';
import { settledWithin } from '../../runtime/time/with-timeout.ts';
import type { Hint, Hints } from '../hints.ts';
import type { RedisLocation } from '../location.ts';
import { createOutageLog } from '../outage-log.ts';
import { connectRedis, type RedisClient } from './client.ts';

/** A subscribed connection can be silent for hours; a ping tells a dead one from a quiet one. */
const pingEveryMs = 8_000;

/** Hints over Redis pub/sub. The connection for listening is opened at the first subscription. */
export function openRedisHints(location: RedisLocation, log: Log): Hints {
  const channel = `${location.prefix}:hints`;
  const listeners = new Set<(hint: Hint) => void>();
  const outage = createOutageLog({ log });
  let closed = false;
  const failed = (error: unknown) => {
    if (!closed) outage.failed(error);
  };
  const publisher = connectRedis(location, 'producer', failed);
  publisher.on('ready', () => outage.succeeded());
  let subscriber: RedisClient | undefined;
  let pinging: NodeJS.Timeout | undefined;

  return {
    publish(hint) {
      if (closed || publisher.status !== 'ready') return;
      publisher.publish(channel, JSON.stringify(hint)).catch(failed);
    },
    subscribe(listener) {
      listeners.add(listener);
      if (!closed) subscriber ??= listen();
      return () => void listeners.delete(listener);
    },
    async close() {
      closed = true;
      listeners.clear();
      clearInterval(pinging);
      subscriber?.disconnect();
      // QUIT lets hints that were just published leave first.
      if (publisher.status === 'ready') await settledWithin(200, publisher.quit());
      publisher.disconnect();
    },
  };

  function listen(): RedisClient {
    const client = connectRedis(location, 'consumer', failed);
    client.on('message', (_channel: string, message: string) => {
      const hint = parseHint(message);
      if (hint) for (const listener of listeners) listener(hint);
    });
    client.subscribe(channel).catch(failed);
    pinging = setInterval(() => {
      if (client.status === 'ready') client.ping().catch(failed);
    }, pingEveryMs);
    return client;
  }
}

/** Null for anything that is no hint, since other clients of the server may publish to the channel. */
function parseHint(message: string): Hint | null {
  try {
    const { jobId, userId, version, isInterim } = JSON.parse(message) as Partial<Hint>;
    if (typeof jobId !== 'string') return null;
    return {
      jobId,
      ...(typeof userId === 'string' ? { userId } : {}),
      ...(typeof version === 'number' ? { version } : {}),
      ...(isInterim === true ? { isInterim } : {}),
    };
  } catch {
    return null;
  }
}
