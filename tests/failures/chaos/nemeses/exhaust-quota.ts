import type { Nemesis } from './nemesis.ts';

/** Every model answers 429 and says how long to wait. */
export const exhaustQuota: Nemesis = {
  name: 'exhaust-quota',
  lane: 'parts',
  lasts: { short: [1_000, 3_000], long: [3_000, 30_000] },
  async strike({ gemini }, { random, lastsMs, pause }) {
    const retryDelayMs = random.between(500, Math.max(1_000, lastsMs));
    await gemini.fail({ fault: { kind: 'rate_limited', retryDelayMs } });
    await pause(lastsMs);
    await gemini.heal();
    return `every model for ${lastsMs} ms, to wait ${retryDelayMs} ms`;
  },
};
