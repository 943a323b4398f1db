import { Redis } from 'ioredis';
import { execute } from './database.ts';

/** Removes everything from the queue's server: FLUSHALL, or BullMQ's schema dropped. */
export async function emptyQueue(queueUrl: string): Promise<void> {
  if (!queueUrl.startsWith('redis:')) return execute(queueUrl, 'drop schema if exists bullmq cascade');
  const client = new Redis(queueUrl, { maxRetriesPerRequest: 1 });
  client.on('error', () => {});
  try {
    await client.flushall();
  } finally {
    client.disconnect();
  }
}
