import { ways } from './cut-connections.ts';
import type { Nemesis } from './nemesis.ts';

/** One part is far away. */
export const slowNetwork: Nemesis = {
  name: 'slow-network',
  lane: 'parts',
  lasts: { short: [1_000, 4_000], long: [2_000, 20_000] },
  async strike({ proxies }, { random, lastsMs, pause }) {
    const way = random.pick(ways);
    const ms = random.pick([60, 250, 1_000]);
    proxies[way].set({ kind: 'slow', ms });
    await pause(lastsMs);
    proxies[way].set({ kind: 'clear' });
    return `${way}, ${ms} ms later for ${lastsMs} ms`;
  },
};
