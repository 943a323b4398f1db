import pg from 'pg';
import { within } from './deadline.ts';
import { type PostgresLocation, parseQueueUrl, QueueUrlInvalid, type RedisLocation } from './location.ts';
import { createSockets } from './postgres/sockets.ts';
import { connectRedis, type RedisClient } from './redis/client.ts';

const patienceMs = 20_000;

/**
 * Removes everything a queue keeps under the namespace of its URL: all its keys, or its schema.
 * For tests and the local stack.
 * @throws QueueUrlInvalid when the URL names no namespace: a deployment's own queue is never dropped.
 * @throws QueueUnavailable when the server does not answer within 20 s.
 */
export async function dropNamespace({ url }: { url: string }): Promise<void> {
  const location = parseQueueUrl(url);
  if (!location.namespace) throw new QueueUrlInvalid('only a queue with a ?namespace= can be dropped');
  await (location.backend === 'redis' ? dropKeys(location) : dropSchema(location));
}

async function dropKeys(location: RedisLocation): Promise<void> {
  const client = connectRedis(location, 'consumer', () => undefined);
  try {
    await within(patienceMs, () => unlinkAll(client, `${location.prefix}:*`));
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
    await within(patienceMs, async () => {
      await client.connect();
      await client.query(`drop schema if exists ${client.escapeIdentifier(schema)} cascade`);
      await client.end();
    });
  } finally {
    sockets.destroy();
  }
}
