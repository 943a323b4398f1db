import type { Nemesis } from './nemesis.ts';

/** An API dies with the requests it was serving. */
export const killApi: Nemesis = {
  name: 'kill-api',
  lane: 'processes',
  lasts: { short: [0, 1_500], long: [0, 10_000] },
  async strike({ apis }, { random, lastsMs, pause }) {
    const victim = random.pick(apis.members);
    await apis.kill(victim);
    await pause(lastsMs);
    await apis.add();
    return `SIGKILL ${victim.name} ${victim.pid}, another one after ${lastsMs} ms`;
  },
};
