import type { Nemesis } from './nemesis.ts';

/** Everything the queue holds is gone: FLUSHALL, or its schema dropped. */
export const emptyQueue: Nemesis = {
  name: 'empty-queue',
  lane: 'parts',
  lasts: { short: [0, 0], long: [0, 0] },
  async strike(world) {
    await world.emptyQueue();
    return world.redis ? 'FLUSHALL' : 'drop schema bullmq cascade';
  },
};
