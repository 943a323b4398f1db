import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { runWork } from '../work/handler.ts';
import type { Peer, PeerOptions } from './peer.ts';

const quiet = new Logger(() => () => {});

/** graphile-worker with NOTIFY; jobs are added by its SQL function. */
export function createGraphileWorker({ databaseUrl, concurrency }: PeerOptions): Peer {
  return {
    async prepare() {
      const utils = await makeWorkerUtils({ connectionString: databaseUrl, logger: quiet });
      await utils.migrate();
      await utils.release();
    },
    async openProducer() {
      const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
      return {
        enqueue: async (client, jobId) =>
          void (await client.query({
            name: 'add_job',
            text: `select graphile_worker.add_job('generate', json_build_object('jobId', $1::text))`,
            values: [jobId],
          })),
        enqueueAll: async (jobIds) =>
          void (await pool.query(
            `select graphile_worker.add_job('generate', json_build_object('jobId', id)) from unnest($1::text[]) id`,
            [jobIds],
          )),
        close: () => pool.end(),
      };
    },
    async work(work, onDone) {
      const runner = await run({
        connectionString: databaseUrl,
        concurrency,
        maxPoolSize: concurrency + 2,
        noHandleSignals: true,
        logger: quiet,
        taskList: {
          async generate(payload) {
            const { jobId } = payload as { jobId: string };
            await runWork(work, jobId);
            await onDone(jobId);
          },
        },
      });
      return () => runner.stop();
    },
  };
}
