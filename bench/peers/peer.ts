import type { PoolClient } from 'pg';
import type { Rendered, Work } from '../work/handler.ts';

/** The servers and settings for a peer. */
export interface PeerOptions {
  databaseUrl: string;
  redisUrl: string;
  /** How many jobs run at once. */
  concurrency: number;
  /** The addresses of Restate's server. */
  restate?: { ingress: string; admin: string };
}

/** Another queue, used as documented. */
export interface Peer {
  /** Creates tables and queues before anything connects. */
  prepare(): Promise<void>;
  openProducer(): Promise<Producer>;
  /** Runs jobs from the queue. */
  work(work: Work, onDone: (jobId: string) => Promise<void>): Promise<Stop>;
}

/** Adds jobs to the queue. */
export interface Producer {
  /** In the caller's transaction, if the peer can. */
  enqueue(client: PoolClient, jobId: string): Promise<void>;
  /** After the commit, for other peers. */
  enqueueAfter?(jobId: string): Promise<void>;
  /** Many at once, without a transaction. */
  enqueueAll(jobIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export type Stop = () => Promise<void>;
export type { Rendered };
