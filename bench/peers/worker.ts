/** A program: one worker process of a peer. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { runProgram } from '../deployment/run-program.ts';
import { createWork, type Services } from '../work/handler.ts';
import { writesByPg } from '../work/writes.ts';
import { openPeer, type PeerName } from './open-peer.ts';
import type { PeerOptions } from './peer.ts';

export interface PeerWorkerOptions {
  peer: PeerName;
  peerOptions: PeerOptions;
  services: Services;
  /** Notifies the channel `done` of each completed job. */
  notify: boolean;
}

runProgram<PeerWorkerOptions>(async ({ peer: name, peerOptions, services, notify }) => {
  const pool = new pg.Pool({ connectionString: peerOptions.databaseUrl, max: peerOptions.concurrency * 2 });
  const writes = writesByPg(pool, randomUUID());
  await writes.beat();
  const beats = setInterval(() => void writes.beat().catch(() => {}), 5_000);
  const peer = await openPeer(name, peerOptions);
  const stop = await peer.work(createWork(writes, services), async (jobId) => {
    if (notify) await pool.query({ name: 'notify', text: `select pg_notify('done', $1)`, values: [jobId] });
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
