import type { Nemesis } from './nemesis.ts';

/** Every model answers 503, or gives no answer at all. */
export const overloadModels: Nemesis = {
  name: 'overload-models',
  lane: 'parts',
  lasts: { short: [500, 2_000], long: [2_000, 20_000] },
  async strike({ gemini }, { random, lastsMs, pause }) {
    const kind = random.pick(['unavailable', 'unavailable', 'hang', 'reset'] as const);
    await gemini.fail({ fault: { kind } });
    await pause(lastsMs);
    await gemini.heal();
    return `${kind} from every model for ${lastsMs} ms`;
  },
};
