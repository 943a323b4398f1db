import type { Nemesis } from './nemesis.ts';

const modes = ['fast', 'immediate', 'kill'] as const;

/** Postgres is restarted again and again, in order or by a crash. */
export const restartPostgres: Nemesis = {
  name: 'restart-postgres',
  lane: 'parts',
  lasts: { short: [3_000, 9_000], long: [10_000, 60_000] },
  async strike({ postgres }, { random, lastsMs, pause }) {
    const done: string[] = [];
    for (let left = lastsMs; left > 0; ) {
      const mode = random.pick(modes);
      const downMs = random.chance(0.5) ? 0 : random.between(200, 3_000);
      await postgres.restart({ mode, whileDown: () => pause(downMs) });
      done.push(downMs > 0 ? `${mode} with ${downMs} ms between` : mode);
      const restMs = random.between(5_000, 10_000);
      left -= restMs + downMs;
      if (left > 0) await pause(restMs);
    }
    return done.join(', ');
  },
};
