import type { ProxyName } from '../deployment/start.ts';
import type { Nemesis } from './nemesis.ts';

/** Every way that can fail between the apps and their parts. */
export const ways: readonly ProxyName[] = ['gateway', 'queue', 'gemini', 'storage'];

/** All connections to one part are reset, a few times. */
export const cutConnections: Nemesis = {
  name: 'cut-connections',
  lane: 'parts',
  lasts: { short: [500, 3_000], long: [500, 10_000] },
  async strike({ proxies }, { random, lastsMs, pause }) {
    const way = random.pick(ways);
    const times = random.between(1, 4);
    for (let cut = 0; cut < times; cut += 1) {
      proxies[way].cut();
      await pause(lastsMs / times);
    }
    return `${way}, ${times} times in ${lastsMs} ms`;
  },
};
