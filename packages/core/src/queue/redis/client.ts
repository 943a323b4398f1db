import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisLocation } from '../location.ts';

export type RedisClient = Redis | Cluster;

const common: RedisOptions = {
  connectTimeout: 5_000,
  keepAlive: 10_000,
  retryStrategy: (times) => Math.min(50 * 2 ** times, 1_000),
  /** A server that does not close its end must not keep the process alive. */
  disconnectTimeout: 200,
};

/** For calls that must fail fast: no command is queued in memory for a server that is away or frozen. */
const producer: RedisOptions = {
  ...common,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  socketTimeout: 5_000,
};

/** For workers, which wait without limit. A blocking read takes at most 10 s, so 20 s of silence mean a dead socket. */
const consumer: RedisOptions = { ...common, maxRetriesPerRequest: null, socketTimeout: 20_000 };

/** Connects in the background. `error` events go to `onError`, since an unheard one would end the process. */
export function connectRedis(
  location: RedisLocation,
  role: 'producer' | 'consumer',
  onError: (error: unknown) => void,
): RedisClient {
  const options = role === 'producer' ? producer : consumer;
  const client = location.cluster ? connectCluster(location.url, options) : new Redis(location.url, options);
  client.on('error', onError);
  return client;
}

function connectCluster(url: string, options: RedisOptions): Cluster {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'rediss:';
  return new Cluster([{ host: hostname, port: Number(port) || 6379 }], {
    enableOfflineQueue: options.enableOfflineQueue ?? true,
    clusterRetryStrategy: (times) => Math.min(50 * 2 ** times, 1_000),
    // Managed clusters list their nodes by IP address, which the certificate does not cover.
    ...(secure ? { dnsLookup: (address, done) => done(null, address) } : {}),
    redisOptions: {
      ...options,
      ...(username ? { username: decodeURIComponent(username) } : {}),
      ...(password ? { password: decodeURIComponent(password) } : {}),
      ...(secure ? { tls: {} } : {}),
    },
  });
}
