/** A program: creates a peer's tables, then enqueues jobs, in a process that is not measured. */
import { runProgram } from '../deployment/run-program.ts';
import { openPeer, type PeerName } from './open-peer.ts';
import type { PeerOptions } from './peer.ts';

runProgram<{ peer: PeerName; peerOptions: PeerOptions }>(async ({ peer: name, peerOptions }) => {
  const peer = await openPeer(name, peerOptions);
  await peer.prepare();
  const producer = await peer.openProducer();
  return {
    ready: {},
    answer: ({ jobIds }: { jobIds: string[] }) => producer.enqueueAll(jobIds),
    stop: () => producer.close(),
  };
});
