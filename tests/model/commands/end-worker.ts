import * as fc from 'fast-check';
import { defineCall, defineCommand } from '../command.ts';
import { anyWorker, names } from '../pick.ts';

/** A worker stops in good order and gives its lease up. */
export const endWorker = defineCommand({
  weight: 2,
  choice: fc.record({ worker: anyWorker }),
  steps: ({ worker }) => [
    defineCall({
      name: 'end_worker',
      text: `${names[worker]}`,
      locks: [worker],
      send: (door) => door.call('select end_worker($1)', [worker]),
      outcome(model) {
        const known = model.workers[worker];
        const ended = known && { ...known, lease_expires_at: model.now, ended_at: model.now };
        return {
          model: ended ? { ...model, workers: { ...model.workers, [worker]: ended } } : model,
          answer: null,
        };
      },
    }),
  ],
});
