/** A program: makes a peer's tables, then puts jobs into its queue, in a process that is not measured. */
import { runProgram } from '../world/program.ts';
import { openPeer, type PeerName, type PeerPlace } from './peer.ts';

runProgram<{ peer: PeerName; place: PeerPlace }>(async ({ peer: name, place }) => {
  const peer = await openPeer(name, place);
  await peer.prepare();
  const desk = await peer.openDesk();
  return {
    ready: {},
    answer: ({ jobIds }: { jobIds: string[] }) => desk.enqueueAll(jobIds),
    stop: () => desk.close(),
  };
});
