import type { Nemesis } from './nemesis.ts';

/** Everything the queue holds is gone: FLUSHALL, or its schema dropped. */
export const emptyQueue: Nemesis = {
  name: 'empty-queue',
  lane: 'parts',
  lasts: { short: [0, 0], long: [0, 0] },
  async strike(deployment) {
    await deployment.emptyQueue();
    return deployment.redis ? 'FLUSHALL' : 'drop schema bullmq cascade';
  },
};
