import type { Nemesis } from './nemesis.ts';

/** The object store hangs on uploads, refuses them, or stores them without saying so. */
export const spoilUploads: Nemesis = {
  name: 'spoil-uploads',
  lane: 'parts',
  lasts: { short: [1_000, 4_000], long: [2_000, 20_000] },
  async strike({ storage }, { random, lastsMs, pause }) {
    const fault = random.pick(['hang', 'lose_answer', 'unavailable', 'reset', 'slow'] as const);
    // A hanging upload is given up after half a minute: a few of them are enough.
    const times = fault === 'hang' ? random.between(1, 4) : undefined;
    await storage.fail({ method: 'PUT', fault, ...(times && { times }) });
    await pause(lastsMs);
    await storage.heal();
    return `${fault}${times ? ` ${times} times` : ''} for ${lastsMs} ms`;
  },
};
