import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { runWork } from '../work/handler.ts';
import type { Peer, PeerOptions } from './peer.ts';

const name = 'bench';

/** BullMQ alone. It cannot take part in a database transaction, so jobs are added after the commit. */
export function createBullMq({ redisUrl, concurrency }: PeerOptions): Peer {
  const connect = () => new Redis(redisUrl, { maxRetriesPerRequest: null });
  return {
    async prepare() {},
    async openProducer() {
      const connection = connect();
      const queue = new Queue(name, { connection });
      await queue.waitUntilReady();
      const kept = { removeOnComplete: 1_000, removeOnFail: 1_000 };
      return {
        async enqueue() {},
        enqueueAfter: async (jobId) => void (await queue.add('generate', { jobId }, kept)),
        enqueueAll: async (jobIds) =>
          void (await queue.addBulk(
            jobIds.map((jobId) => ({ name: 'generate', data: { jobId }, opts: kept })),
          )),
        async close() {
          await queue.close();
          connection.disconnect();
        },
      };
    },
    async work(work, onDone) {
      const connection = connect();
      const worker = new Worker(
        name,
        async ({ data }) => {
          await runWork(work, data.jobId);
          await onDone(data.jobId);
        },
        { connection, concurrency },
      );
      await worker.waitUntilReady();
      return async () => {
        await worker.close();
        connection.disconnect();
      };
    },
  };
}
