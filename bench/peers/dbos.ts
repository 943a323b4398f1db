import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import type { Peer, PeerOptions } from './peer.ts';

const queueName = 'generate';
const workflowName = 'generate';
const applicationName = 'bench';
const applicationVersion = '1';

/** DBOS Transact: a workflow of three recorded steps, enqueued in the caller's transaction. */
export function createDbos({ databaseUrl, concurrency }: PeerOptions): Peer {
  const silent = {
    debug() {},
    info() {},
    warn() {},
    error: (line: unknown) => process.stderr.write(`${line}\n`),
  };
  const launch = async () => {
    DBOS.setConfig({
      name: applicationName,
      systemDatabaseUrl: databaseUrl,
      applicationVersion,
      logger: silent,
    });
    await DBOS.launch();
    // A tenth of the default polling interval.
    await DBOS.registerQueue(queueName, { workerConcurrency: concurrency, minPollingIntervalMs: 100 });
  };
  return {
    async prepare() {
      await launch();
      await DBOS.shutdown();
    },
    async openProducer() {
      const client = await DBOSClient.create({
        systemDatabaseUrl: databaseUrl,
        applicationName,
        logger: silent,
      });
      const options = { queueName, workflowName, appVersion: applicationVersion };
      return {
        enqueue: async (transaction, jobId) =>
          void (await client.enqueueInTransaction(transaction as never, options, jobId)),
        async enqueueAll(jobIds) {
          for (const jobId of jobIds) await client.enqueue(options, jobId);
        },
        close: () => client.destroy(),
      };
    },
    async work(work, onDone) {
      async function generate(jobId: string): Promise<void> {
        const claim = await DBOS.runStep(() => work.claim(jobId), { name: 'claim' });
        const rendered = await DBOS.runStep(() => work.render(jobId, claim), { name: 'render' });
        await DBOS.runStep(() => work.complete(jobId, claim.attempt, rendered), { name: 'complete' });
        await onDone(jobId);
      }
      DBOS.registerWorkflow(generate, { name: workflowName });
      await launch();
      return () => DBOS.shutdown();
    },
  };
}
