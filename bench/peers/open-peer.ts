import type { Peer, PeerOptions } from './peer.ts';

export const peerNames = ['bullmq', 'pg-boss', 'graphile-worker', 'dbos', 'restate'] as const;
export type PeerName = (typeof peerNames)[number];

/** Loads only this peer. */
export async function openPeer(name: PeerName, peerOptions: PeerOptions): Promise<Peer> {
  switch (name) {
    case 'bullmq':
      return (await import('./bullmq.ts')).createBullMq(peerOptions);
    case 'pg-boss':
      return (await import('./pg-boss.ts')).createPgBoss(peerOptions);
    case 'graphile-worker':
      return (await import('./graphile-worker.ts')).createGraphileWorker(peerOptions);
    case 'dbos':
      return (await import('./dbos.ts')).createDbos(peerOptions);
    case 'restate':
      return (await import('./restate.ts')).createRestate(peerOptions);
  }
}
