import * as fc from 'fast-check';
import { type Call, defineCall, defineCommand } from '../command.ts';
import { isUnfinished, type Model, type Run, runsWhere, seconds } from '../model.ts';
import { nameJob } from '../pick.ts';
import { writeRun } from '../transitions.ts';

interface Delivery {
  job_id: string;
  delivery: number;
}

const someDeliveries = fc.record({
  mask: fc.constantFrom(0b1111, 0b1111, 0b0101, 0b0010),
  older: fc.constantFrom(0, 0, 0, 1),
});

/** The queue has taken deliveries: the latest of some jobs, or ones that have been replaced since. */
export const markDelivered = defineCommand({
  weight: 8,
  choice: someDeliveries,
  steps: (choice, { model }) => mark(model, choice, 'mark_delivered', confirmed),
});

/** The queue has lost deliveries. */
export const markUndelivered = defineCommand({
  weight: 3,
  choice: someDeliveries,
  steps: (choice, { model }) =>
    mark(model, choice, 'mark_undelivered', () => ({ delivered_at: null, offered_at: null })),
});

/** What the queue should hold and nobody has looked for within a minute; with and without a minute's wait. */
export const listDelivered = defineCommand({
  weight: 3,
  choice: fc.record({ waits: fc.boolean() }),
  *steps({ waits }, { model }) {
    if (waits) {
      yield* mark(model, { mask: 0b1011, older: 0 }, 'mark_delivered', confirmed);
      yield { advanceMs: seconds(61) };
    }
    yield list;
  },
});

const list: Call = defineCall({
  name: 'list_delivered',
  text: '',
  async send(door) {
    const answer = (await door.call('select list_delivered()', [])) as Delivery[];
    return answer.sort((a, b) => (a.job_id < b.job_id ? -1 : 1));
  },
  outcome(model) {
    const isUnseen = (run: Run) =>
      run.active &&
      run.worker_id === null &&
      run.delivered_at !== null &&
      run.delivered_at < model.now - seconds(60);
    const answer = runsWhere(model, isUnseen).map((job_id) => ({
      job_id,
      delivery: model.jobs[job_id]!.run!.delivery,
    }));
    return { model, answer };
  },
  labels: (answer) => [answer.length > 0 ? 'some' : 'none'],
});

function mark(
  now: Model,
  { mask, older }: { mask: number; older: number },
  name: 'mark_delivered' | 'mark_undelivered',
  columns: (model: Model) => Partial<Run>,
): Call[] {
  const deliveries = runsWhere(now, (_, job) => isUnfinished(job))
    .filter((_, n) => (mask >> (n % 4)) & 1)
    .map((job_id) => ({ job_id, delivery: now.jobs[job_id]!.run!.delivery - older }));
  if (deliveries.length === 0) return [];
  return [
    defineCall({
      name,
      text: `${deliveries.map((of) => `${nameJob(now, of.job_id)} delivery ${of.delivery}`).join(', ')}`,
      locks: deliveries.map(({ job_id }) => job_id),
      send: (door) => door.call(`select ${name}($1)`, [JSON.stringify(deliveries)]),
      outcome: (model) => ({
        model: deliveries
          .filter(({ job_id, delivery }) => {
            const run = model.jobs[job_id]?.run;
            return run?.active && run.worker_id === null && run.delivery === delivery;
          })
          .reduce((after, { job_id }) => writeRun(after, job_id, columns(model)), model),
        answer: null,
      }),
    }),
  ];
}

const confirmed = ({ now }: Model): Partial<Run> => ({ delivered_at: now });
