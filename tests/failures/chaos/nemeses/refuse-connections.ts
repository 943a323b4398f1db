import { ways } from './cut-connections.ts';
import type { Nemesis } from './nemesis.ts';

/** One part cannot be reached at all. */
export const refuseConnections: Nemesis = {
  name: 'refuse-connections',
  lane: 'parts',
  lasts: { short: [1_000, 4_000], long: [1_000, 30_000] },
  async strike({ proxies }, { random, lastsMs, pause }) {
    const way = random.pick(ways);
    proxies[way].set({ kind: 'refuse' });
    proxies[way].cut();
    await pause(lastsMs);
    proxies[way].set({ kind: 'clear' });
    return `${way} for ${lastsMs} ms`;
  },
};
