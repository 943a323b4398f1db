import { PgBoss } from 'pg-boss';
import { runWork } from '../work/handler.ts';
import type { Peer, PeerPlace } from './peer.ts';

const name = 'generate';

/** pg-boss, woken by NOTIFY, fetching without a pause while its batches come full. */
export function createPgBoss({ databaseUrl, concurrency }: PeerPlace): Peer {
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
    async openDesk() {
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
      // Batches of two: pg-boss only goes on without a pause when a batch of more than one came full.
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
