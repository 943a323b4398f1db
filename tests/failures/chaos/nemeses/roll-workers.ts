import type { Nemesis } from './nemesis.ts';

/** A deployment: every worker is replaced, one after the other, each with its time to finish. */
export const rollWorkers: Nemesis = {
  name: 'roll-workers',
  lane: 'processes',
  lasts: { short: [0, 0], long: [0, 5_000] },
  async strike({ workers, shutdownGraceMs }, how) {
    const old = [...workers.members];
    let rolled = 0;
    for (const member of old) {
      if (how.over) break;
      await workers.add();
      await workers.retire(member, { graceMs: shutdownGraceMs + 10_000 });
      await how.pause(how.lastsMs);
      rolled += 1;
    }
    return `SIGTERM to ${rolled} workers of ${old.length}, each after its successor had started`;
  },
};
