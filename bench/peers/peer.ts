import type { PoolClient } from 'pg';
import type { Rendered, Work } from '../work/handler.ts';

/** Where a peer finds what it needs. */
export interface PeerPlace {
  databaseUrl: string;
  redisUrl: string;
  /** How many jobs run at once. */
  concurrency: number;
  /** Restate's own server. */
  restate?: { ingress: string; admin: string };
}

/** Another queue, used as its documentation says. */
export interface Peer {
  /** Makes what must be there before anybody connects. */
  prepare(): Promise<void>;
  openDesk(): Promise<Desk>;
  /** Runs the jobs that come. */
  work(work: Work, onDone: (jobId: string) => Promise<void>): Promise<Stop>;
}

/** Takes jobs in. */
export interface Desk {
  /** Within the caller's transaction, where the peer can do that. */
  enqueue(client: PoolClient, jobId: string): Promise<void>;
  /** After the commit, where it cannot. */
  enqueueAfter?(jobId: string): Promise<void>;
  /** Many at once, outside of any transaction. */
  enqueueAll(jobIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export type Stop = () => Promise<void>;
export type { Rendered };

export const peerNames = ['bullmq', 'pg-boss', 'graphile-worker', 'dbos', 'restate'] as const;
export type PeerName = (typeof peerNames)[number];

/** Loads the peer and nothing of the others. */
export async function openPeer(name: PeerName, place: PeerPlace): Promise<Peer> {
  switch (name) {
    case 'bullmq':
      return (await import('./bullmq.ts')).createBullMq(place);
    case 'pg-boss':
      return (await import('./pg-boss.ts')).createPgBoss(place);
    case 'graphile-worker':
      return (await import('./graphile-worker.ts')).createGraphileWorker(place);
    case 'dbos':
      return (await import('./dbos.ts')).createDbos(place);
    case 'restate':
      return (await import('./restate.ts')).createRestate(place);
  }
}
