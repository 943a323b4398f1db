import pg from 'pg';
import { type PostgresLocation, parseQueueUrl, QueueUrlInvalid, type RedisLocation } from './location.ts';
import { connectRedis } from './redis/client.ts';

/**
 * Removes everything a queue keeps under the namespace of its URL: all its keys, or its schema.
 * For tests and the local stack.
 * @throws QueueUrlInvalid when the URL names no namespace: a deployment's own queue is never dropped.
 */
export async function dropNamespace({ url }: { url: string }): Promise<void> {
  const location = parseQueueUrl(url);
  if (!location.namespace) throw new QueueUrlInvalid('only a queue with a ?namespace= can be dropped');
  await (location.backend === 'redis' ? dropKeys(location) : dropSchema(location));
}

async function dropKeys(location: RedisLocation): Promise<void> {
  const client = connectRedis(location, 'consumer', () => undefined);
  try {
    await client.ping();
    for (const server of 'nodes' in client ? client.nodes('master') : [client]) {
      for await (const keys of server.scanStream({ match: `${location.prefix}:*`, count: 500 })) {
        if (keys.length > 0) await client.unlink(...keys);
      }
    }
  } finally {
    client.disconnect();
  }
}

async function dropSchema({ url, schema }: PostgresLocation): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    lock_timeout: 10_000,
  });
  await client.connect();
  try {
    await client.query(`drop schema if exists ${client.escapeIdentifier(schema)} cascade`);
  } finally {
    await client.end();
  }
}
