import type { Nemesis } from './nemesis.ts';

/** Redis takes connections and answers nothing. */
export const freezeRedis: Nemesis = {
  name: 'freeze-redis',
  lane: 'parts',
  only: 'redis',
  lasts: { short: [2_000, 7_000], long: [2_000, 20_000] },
  async strike({ redis }, { lastsMs, pause }) {
    await redis?.kill('SIGSTOP');
    await pause(lastsMs);
    await redis?.kill('SIGCONT');
    return `SIGSTOP for ${lastsMs} ms`;
  },
};
