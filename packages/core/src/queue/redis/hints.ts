import type { Log } from '../../runtime/log/log.ts';
import { createAvailability } from '../availability.ts';
import { atMost } from '../deadline.ts';
import type { Hint, Hints } from '../hints.ts';
import type { RedisLocation } from '../location.ts';
import { connectRedis, type RedisClient } from './client.ts';

/** A subscribed connection is silent for hours; asking it something tells a dead one from a quiet one. */
const pingEveryMs = 8_000;

/** Hints over Redis pub/sub. It connects to listen only once somebody does. */
export function openRedisHints(location: RedisLocation, log: Log): Hints {
  const channel = `${location.prefix}:hints`;
  const listeners = new Set<(hint: Hint) => void>();
  const availability = createAvailability({ log });
  let closed = false;
  const failed = (error: unknown) => {
    if (!closed) availability.failed(error);
  };
  const publisher = connectRedis(location, 'producer', failed);
  publisher.on('ready', () => availability.worked());
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
      // What was just published is still on its way out.
      if (publisher.status === 'ready') await atMost(200, publisher.quit());
      publisher.disconnect();
    },
  };

  function listen(): RedisClient {
    const client = connectRedis(location, 'consumer', failed);
    client.on('message', (_channel: string, message: string) => {
      const hint = read(message);
      if (hint) for (const listener of listeners) listener(hint);
    });
    client.subscribe(channel).catch(failed);
    pinging = setInterval(() => {
      if (client.status === 'ready') client.ping().catch(failed);
    }, pingEveryMs);
    return client;
  }
}

/** Whoever can reach the channel may write to it; what is no hint is passed over. */
function read(message: string): Hint | null {
  try {
    const { jobId, userId, version, goesOn } = JSON.parse(message) as Partial<Hint>;
    if (typeof jobId !== 'string') return null;
    return {
      jobId,
      ...(typeof userId === 'string' ? { userId } : {}),
      ...(typeof version === 'number' ? { version } : {}),
      ...(goesOn === true ? { goesOn } : {}),
    };
  } catch {
    return null;
  }
}
