/** A program: one worker process of a peer. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createWork, type Outside } from '../work/handler.ts';
import { writesByPg } from '../work/writes.ts';
import { runProgram } from '../world/program.ts';
import { openPeer, type PeerName, type PeerPlace } from './peer.ts';

export interface PeerWorkerOrder {
  peer: PeerName;
  place: PeerPlace;
  outside: Outside;
  /** Tells everybody who listens on the channel `done` of each job that is completed. */
  tell: boolean;
}

runProgram<PeerWorkerOrder>(async ({ peer: name, place, outside, tell }) => {
  const pool = new pg.Pool({ connectionString: place.databaseUrl, max: place.concurrency * 2 });
  const writes = writesByPg(pool, randomUUID());
  await writes.beat();
  const beats = setInterval(() => void writes.beat().catch(() => {}), 5_000);
  const peer = await openPeer(name, place);
  const stop = await peer.work(createWork(writes, outside), async (jobId) => {
    if (tell) await pool.query({ name: 'tell', text: `select pg_notify('done', $1)`, values: [jobId] });
  });
  return {
    ready: {},
    async stop() {
      clearInterval(beats);
      await stop();
      await pool.end();
    },
  };
});
