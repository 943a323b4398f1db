import { ways } from './cut-connections.ts';
import type { Nemesis } from './nemesis.ts';

/** Connections to one part go dead without a word, and stay dead: only a new one works again. */
export const silentNetwork: Nemesis = {
  name: 'silent-network',
  lane: 'parts',
  lasts: { short: [1_000, 5_000], long: [1_000, 45_000] },
  async strike({ proxies }, { random, lastsMs, pause }) {
    const way = random.pick(ways);
    proxies[way].set({ kind: 'silent' });
    await pause(lastsMs);
    proxies[way].set({ kind: 'clear' });
    return `${way} for ${lastsMs} ms`;
  },
};
