import * as fc from 'fast-check';
import { choices } from '../choices.ts';
import { defineCall, defineCommand } from '../command.ts';
import { type Model, runsWhere } from '../model.ts';
import { writeRun } from '../transitions.ts';

/** Reports the queue's mark; a mark that differs from the last one means that the queue was emptied. */
export const adoptEpoch = defineCommand({
  weight: 4,
  choice: fc.record({ epoch: fc.constantFrom('epoch one', 'epoch one', 'epoch two') }),
  steps: ({ epoch }) => [
    defineCall({
      name: 'adopt_queue_epoch',
      text: `${epoch}`,
      send: (door) => door.call('select adopt_queue_epoch($1)', [epoch]),
      outcome(model, { busy }) {
        if (model.epoch === epoch) return { model, answer: false };
        const waiting = runsWhere(
          model,
          (run) => run.active && run.worker_id === null && run.delivered_at !== null,
        );
        // A delivery that is confirmed at this moment may keep its mark: whether the queue still has it is asked within a minute.
        return choices(waiting, busy).map((seen) => ({
          model: seen.reduce<Model>(
            (state, id) => writeRun(state, id, { delivered_at: null, offered_at: null }),
            { ...model, epoch },
          ),
          answer: model.epoch !== null,
        }));
      },
    }),
  ],
});
