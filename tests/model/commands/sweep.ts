import * as fc from 'fast-check';
import { choices } from '../choices.ts';
import { type Call, defineCommand, type Outcome, type Seen } from '../command.ts';
import { hours, isUnfinished, type Model, runsWhere, seconds } from '../model.ts';
import { deliveryPriority, endJob, heldBy, loseWorker, writeRun } from '../transitions.ts';

interface Swept {
  due: { job_id: string; delivery: number; delay_ms: number; priority: number }[];
  overdue: number;
  crashed: number;
  lapsed: number;
}

export const sweep = defineCommand({
  weight: 9,
  choice: fc.constant(null),
  steps: () => [pass],
});

/** One pass of the reconciler. It waits for no job: one that somebody else has locked may be left for the next pass. */
export const pass: Call = {
  name: 'sweep',
  text: '',
  locks: null,
  async send(door) {
    const answer: any = await door.call('select sweep()', []);
    return { ...answer, due: sortDue(answer.due) };
  },
  outcomes: (model, seen) => [...decide(model, { ...seen, answer: seen.answer as Swept })],
  labels(answer) {
    const { due, overdue, crashed, lapsed } = answer as Swept;
    const seen = Object.entries({ due: due.length, overdue, crashed, lapsed }).filter(
      ([, count]) => count > 0,
    );
    return seen.length > 0 ? seen.map(([name]) => name) : ['nothing'];
  },
};

function* decide(model: Model, seen: Seen & { answer: Swept }): Generator<Outcome> {
  const { now } = model;
  const late = runsWhere(model, (_, job) => isUnfinished(job) && job.deadline_at! <= now);
  for (const overdue of choices(late, seen.busy, seen.answer.overdue)) {
    const silent = runsWhere(
      model,
      (run, _, id) => run.active && isLapsed(model, run.worker_id) && !overdue.includes(id),
    );
    // A worker that is about to renew its lease keeps its jobs.
    const contested = silent.filter((id) => seen.busy.has(model.jobs[id]!.run!.worker_id!));
    for (const lapsed of choices(silent, new Set([...seen.busy, ...contested]), seen.answer.lapsed)) {
      let after = lapsed.reduce(loseWorker, model);
      const crashed = lapsed.filter((id) => after.jobs[id]!.run!.losses >= 3);
      for (const id of overdue) after = end(after, id, 'deadline_exceeded', 'deadline passed');
      for (const id of crashed) after = end(after, id, 'worker_crashed', 'lost its worker 3 times');
      const { offered, due } = offer(after, seen);
      for (const forgotten of forget(offered, seen.busy)) {
        yield {
          model: forgotten,
          answer: { due, overdue: overdue.length, crashed: crashed.length, lapsed: lapsed.length },
        };
      }
    }
  }
}

const isLapsed = ({ workers, now }: Model, id: string | null) =>
  id !== null && workers[id]!.lease_expires_at <= now;

const end = (model: Model, id: string, code: string, cause: string) =>
  endJob(model, id, { status: 'failed', code, cause });

/** Every delivery that is due and was not offered within 10 s gets a new number; which of the busy ones, the answer tells. */
function offer(
  model: Model,
  { answer, busy }: Seen & { answer: Swept },
): { offered: Model; due: Swept['due'] } {
  const told = new Set(answer.due?.map(({ job_id }) => job_id));
  const ids = runsWhere(
    model,
    (run, _, id) =>
      run.active &&
      run.worker_id === null &&
      run.delivered_at === null &&
      run.run_at <= model.now - (run.losses > 0 ? 0 : seconds(2)) &&
      (run.offered_at === null || run.offered_at < model.now - seconds(10)) &&
      (!busy.has(id) || told.has(id)),
  );
  const due = ids.map((job_id) => {
    const run = model.jobs[job_id]!.run!;
    const priority = deliveryPriority(run, model.now);
    return { job_id, delivery: run.delivery + 1, delay_ms: 0, priority };
  });
  const offered = due.reduce(
    (after, { job_id, delivery }) => writeRun(after, job_id, { delivery, offered_at: model.now }),
    model,
  );
  return { offered, due };
}

/** Keys after 48 hours and workers a day after their lease, except those that somebody is writing. */
function forget(model: Model, busy: ReadonlySet<string>): Model[] {
  const keys = Object.keys(model.keys).filter((key) => model.keys[key]!.created_at < model.now - hours(48));
  const workers = Object.keys(model.workers).filter(
    (id) => model.workers[id]!.lease_expires_at < model.now - hours(24) && heldBy(model, id).length === 0,
  );
  return choices([...keys, ...workers], busy).map((gone) => ({
    ...model,
    keys: without(model.keys, gone),
    workers: without(model.workers, gone),
  }));
}

const without = <Value>(record: Record<string, Value>, names: readonly string[]): Record<string, Value> =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !names.includes(name)));

const sortDue = (due: Swept['due']) => [...due].sort((a, b) => (a.job_id < b.job_id ? -1 : 1));
