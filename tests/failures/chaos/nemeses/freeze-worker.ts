import type { Nemesis } from './nemesis.ts';

/** A worker stands still with all it holds, past its lease when it lasts, and then goes on as if nothing had been. */
export const freezeWorker: Nemesis = {
  name: 'freeze-worker',
  lane: 'processes',
  lasts: { short: [2_000, 8_000], long: [2_000, 60_000] },
  async strike({ workers }, { random, lastsMs, pause }) {
    const victim = random.pick(workers.members);
    workers.freeze(victim);
    await pause(lastsMs);
    workers.wake(victim);
    return `SIGSTOP ${victim.name} for ${lastsMs} ms`;
  },
};
