/** A queue's URL, parsed. `url` is for the driver, without our own parameters. */
export type QueueLocation = RedisLocation | PostgresLocation;

export interface RedisLocation {
  backend: 'redis';
  url: string;
  namespace: string | null;
  /** A hash tag, so that all keys of the queue are in one slot of a Redis Cluster. */
  prefix: string;
  cluster: boolean;
}

export interface PostgresLocation {
  backend: 'postgres';
  url: string;
  namespace: string | null;
  schema: string;
  /** Start-up options of the session, to which the queue's own `search_path` is added. */
  sessionOptions: string | null;
}

/** The queue's URL cannot be used. The message says why and never contains the URL, which holds a password. */
export class QueueUrlInvalid extends Error {
  override name = 'QueueUrlInvalid';
}

/**
 * Reads `redis://`, `rediss://`, `postgres://` or `postgresql://`, with `?namespace=` (isolates one
 * deployment from another on the same server) and, for Redis, `?cluster=true`.
 * @throws QueueUrlInvalid
 */
export function parseQueueUrl(text: string): QueueLocation {
  const url = parse(text);
  const namespace = take(url, 'namespace');
  if (namespace !== null && !/^[a-z0-9_]{1,40}$/.test(namespace)) {
    throw new QueueUrlInvalid('its namespace may hold only a-z, 0-9 and _, at most 40 of them');
  }
  switch (url.protocol) {
    case 'redis:':
    case 'rediss:':
      return redisLocation(url, namespace);
    case 'postgres:':
    case 'postgresql:':
      return postgresLocation(url, namespace);
    default:
      throw new QueueUrlInvalid(
        `it must begin with redis://, rediss:// or postgres://, not ${url.protocol}//`,
      );
  }
}

function parse(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw new QueueUrlInvalid('it is not a URL (are special characters of the password percent-encoded?)');
  }
}

/** Reads one of our own parameters and removes it from the URL. An empty one counts as absent. */
function take(url: URL, name: string): string | null {
  const value = url.searchParams.get(name);
  url.searchParams.delete(name);
  return value || null;
}

function redisLocation(url: URL, namespace: string | null): RedisLocation {
  const cluster = take(url, 'cluster') === 'true';
  const prefix = namespace ? `{darkroom-${namespace}}` : '{darkroom}';
  return { backend: 'redis', url: url.href, namespace, prefix, cluster };
}

function postgresLocation(url: URL, namespace: string | null): PostgresLocation {
  if (url.port === '6543') {
    throw new QueueUrlInvalid(
      'port 6543 is a transaction pooler, where LISTEN does not work: use the direct connection or the session pooler on port 5432',
    );
  }
  const sessionOptions = take(url, 'options');
  const schema = namespace ? `bullmq_${namespace}` : 'bullmq';
  return { backend: 'postgres', url: url.href, namespace, schema, sessionOptions };
}
