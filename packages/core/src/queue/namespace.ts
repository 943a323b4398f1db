import pg from 'pg';
import { type PostgresLocation, parseQueueUrl, QueueUrlInvalid, type RedisLocation } from './location.ts';
import { callQueue } from './outage-guard.ts';
import { createSockets } from './postgres/sockets.ts';
import { connectRedis, type RedisClient } from './redis/client.ts';

const timeoutMs = 20_000;

/**
 * Deletes everything that a queue stores under the namespace of its URL: all its keys, or its schema.
 * For tests and the local stack.
 * @throws QueueUrlInvalid when the URL has no namespace, so that a deployment's queue is never dropped
 * @throws QueueUnavailable when the server does not answer within 20 s
 */
export async function dropNamespace({ url }: { url: string }): Promise<void> {
  const location = parseQueueUrl(url);
  if (!location.namespace) throw new QueueUrlInvalid('only a queue with a ?namespace= can be dropped');
  await (location.backend === 'redis' ? dropKeys(location) : dropSchema(location));
}

async function dropKeys(location: RedisLocation): Promise<void> {
  const client = connectRedis(location, 'consumer', () => undefined);
  try {
    await callQueue(timeoutMs, () => unlinkAll(client, `${location.prefix}:*`));
  } finally {
    client.disconnect();
  }
}

async function unlinkAll(client: RedisClient, pattern: string): Promise<void> {
  await client.ping();
  for (const server of 'nodes' in client ? client.nodes('master') : [client]) {
    for await (const keys of server.scanStream({ match: pattern, count: 500 })) {
      if (keys.length > 0) await client.unlink(...keys);
    }
  }
}

async function dropSchema({ url, schema }: PostgresLocation): Promise<void> {
  const sockets = createSockets();
  const client = new pg.Client({ connectionString: url, stream: () => sockets.open() });
  client.on('error', () => undefined);
  try {
    await callQueue(timeoutMs, async () => {
      await client.connect();
      await client.query(`drop schema if exists ${client.escapeIdentifier(schema)} cascade`);
      await client.end();
    });
  } finally {
    sockets.destroy();
  }
}
