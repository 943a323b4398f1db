import type { Nemesis } from './nemesis.ts';

/** Redis crashes, and comes back without memory. */
export const restartRedis: Nemesis = {
  name: 'restart-redis',
  lane: 'parts',
  only: 'redis',
  lasts: { short: [0, 4_000], long: [0, 20_000] },
  async strike({ redis }, { lastsMs, pause }) {
    await redis?.restart({ empty: true, whileDown: () => pause(lastsMs) });
    return `down for ${lastsMs} ms, back empty`;
  },
};
