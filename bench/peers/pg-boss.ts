import { PgBoss } from 'pg-boss';
import { runWork } from '../work/handler.ts';
import type { Peer, PeerOptions } from './peer.ts';

const name = 'generate';

/** pg-boss with NOTIFY, fetching without delay while its batches are full. */
export function createPgBoss({ databaseUrl, concurrency }: PeerOptions): Peer {
  async function open(): Promise<PgBoss> {
    const boss = new PgBoss({ connectionString: databaseUrl, useListenNotify: true });
    boss.on('error', () => {});
    await boss.start();
    return boss;
  }
  return {
    async prepare() {
      const boss = await open();
      await boss.createQueue(name, { notify: true });
      await boss.stop({ graceful: false });
    },
    async openProducer() {
      const boss = await open();
      return {
        async enqueue(client, jobId) {
          const db = { executeSql: (text: string, values?: unknown[]) => client.query(text, values) };
          await boss.send(name, { jobId }, { db });
        },
        enqueueAll: async (jobIds) =>
          void (await boss.insert(
            name,
            jobIds.map((jobId) => ({ data: { jobId } })),
          )),
        close: () => boss.stop({ graceful: false }),
      };
    },
    async work(work, onDone) {
      const boss = await open();
      // Batches of two: pg-boss fetches without delay only after a full batch of more than one.
      const batchSize = 2;
      const options = {
        batchSize,
        localConcurrency: Math.max(1, concurrency / batchSize),
        burstWhenBatchFull: true,
        pollingIntervalSeconds: 0.5,
        notifyPollingIntervalSeconds: 0.5,
      };
      await boss.work<{ jobId: string }>(name, options, async (jobs) => {
        await Promise.all(
          jobs.map(async ({ data }) => {
            await runWork(work, data.jobId);
            await onDone(data.jobId);
          }),
        );
      });
      return () => boss.stop({ graceful: false });
    },
  };
}
