import type { Nemesis } from './nemesis.ts';

/** A worker dies as if the machine had gone: nothing is handed back. Another one starts some time later. */
export const killWorker: Nemesis = {
  name: 'kill-worker',
  lane: 'processes',
  lasts: { short: [0, 2_000], long: [0, 15_000] },
  async strike({ workers }, { random, lastsMs, pause }) {
    const victim = random.pick(workers.members);
    await workers.kill(victim);
    await pause(lastsMs);
    await workers.add();
    return `SIGKILL ${victim.name}, another one after ${lastsMs} ms`;
  },
};
