import type { Nemesis } from './nemesis.ts';

/** What is asked of the database or the object store is done, and nobody hears of it. */
export const loseAnswers: Nemesis = {
  name: 'lose-answers',
  lane: 'parts',
  lasts: { short: [300, 1_500], long: [300, 6_000] },
  async strike({ proxies }, { random, lastsMs, pause }) {
    const way = random.pick(['gateway', 'gateway', 'storage', 'gemini'] as const);
    proxies[way].set({ kind: 'lose_answers' });
    await pause(lastsMs);
    proxies[way].set({ kind: 'clear' });
    return `${way} for ${lastsMs} ms`;
  },
};
