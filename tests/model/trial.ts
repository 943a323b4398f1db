import { isDeepStrictEqual } from 'node:util';
import type { Call, Step } from './command.ts';
import { compare } from './compare.ts';
import type { ClockedDatabase, Hold } from './database.ts';
import { type Answered, explain, tell } from './explain.ts';
import { findBreaches } from './laws.ts';
import { emptyModel, type Model } from './model.ts';
import type { Chosen } from './repertoire.ts';
import type { Tally } from './tally.ts';

/**
 * One sequence on an empty database, beside the model. Each step throws with the whole history when an answer, a row
 * or a law is not as it should be.
 */
export async function startTrial({ database, tally }: { database: ClockedDatabase; tally: Tally }) {
  await database.empty();
  const history: string[] = [];
  let model = emptyModel;
  let actual: Model = emptyModel;
  const context = {
    get model() {
      return model;
    },
  };

  const trial = {
    /** Does one thing after the other, as its command says. */
    async perform({ command, choice }: Chosen): Promise<void> {
      for (const step of command.steps(choice, context)) await take(step);
    },

    /** Sends the calls at the same moment, each by a door of its own, while rows of a table may be held by a slow transaction. */
    async race(chosen: readonly Chosen[], hold: Hold | null): Promise<void> {
      const calls = chosen.flatMap(({ command, choice }): Call[] => {
        const [step] = command.steps(choice, { model });
        return step && 'send' in step ? [step] : [];
      });
      history.push(`at the same moment${hold ? `, while the ${hold} are held` : ''}:`);
      const answered = await sendTogether(calls, hold);
      history.push(...answered.map((each) => `  ${tell(each)}`));
      await look();
      const explanation = explain(model, answered, actual, hold ? rowsOf(model, hold) : []);
      if (!explanation.order)
        throw broken([
          'no order of these calls explains what was found; the closest:',
          ...explanation.closest,
        ]);
      model = explanation.model;
      const isAsSent = explanation.order.every(({ call }, n) => call === calls[n]);
      tally.count('batches', isAsSent ? 'explained in the order sent' : 'explained in another order alone');
    },

    /** Nobody has lost or won a credit. */
    async finish(): Promise<void> {
      const problems = await database.audit();
      if (problems.length > 0) throw broken(['credit_audit:', ...problems.map((row) => JSON.stringify(row))]);
      for (const job of Object.values(model.jobs)) {
        tally.count('jobs', job.error_code ? `${job.status} ${job.error_code}` : job.status);
      }
    },
  };
  return trial;

  async function take(step: Step): Promise<void> {
    if ('advanceMs' in step) {
      model = { ...model, now: model.now + step.advanceMs };
      actual = { ...actual, now: model.now };
      history.push(`${step.advanceMs / 1_000} s later:`);
      return;
    }
    const door = database.doors[0]!;
    await door.setClock(model.now);
    const answer = await step.send(door).catch((error) => {
      throw broken([`${step.name} ${step.text}: ${error}`]);
    });
    history.push(tell({ call: step, answer }));
    note(step, answer);
    await look();
    const [outcome, ...others] = step.outcomes(model, { answer, busy: new Set() });
    if (!outcome || others.length > 0) throw new Error(`the model is undecided: ${step.name} ${step.text}`);
    if (!isDeepStrictEqual(outcome.answer, answer)) {
      throw broken([`the answer should be ${JSON.stringify(outcome.answer)}`]);
    }
    const differences = compare(outcome.model, actual);
    if (differences.length > 0) throw broken(['the rows differ:', ...differences]);
    model = outcome.model;
  }

  async function sendTogether(calls: readonly Call[], hold: Hold | null): Promise<Answered[]> {
    const doors = database.doors.slice(0, calls.length);
    await Promise.all(doors.map((door) => door.setClock(model.now)));
    const release = hold && (await database.hold(hold));
    let answers = 0;
    const sent = Promise.allSettled(
      calls.map((call, n) =>
        call.send(doors[n]!).finally(() => {
          answers += 1;
        }),
      ),
    );
    if (release) {
      // Until everyone has got as far as the lock lets it.
      while (answers + (await database.countWaiting()) < calls.length);
      await release();
    }
    return (await sent).map((result, n) => {
      const call = calls[n]!;
      if (result.status === 'rejected') throw broken([`${call.name} ${call.text}: ${result.reason}`]);
      note(call, result.value);
      return { call, answer: result.value };
    });
  }

  function note(call: Call, answer: unknown): void {
    tally.count('commands', call.name);
    for (const label of call.labels(answer)) tally.count(call.name, label);
  }

  async function look(): Promise<void> {
    const before = actual;
    actual = await database.read(model.now);
    const breaches = findBreaches(before, actual);
    if (breaches.length > 0) throw broken(breaches);
  }

  function broken(lines: readonly string[]): Error {
    tally.stop();
    const text = [...history, ...lines].join('\n');
    // Ids that differ from run to run are told by the order in which the jobs were made.
    return new Error(
      Object.keys(model.jobs).reduce((told, id, n) => told.replaceAll(id, `job ${n + 1}`), text),
    );
  }
}

/** The rows of a table as the model names them. */
const rowsOf = (model: Model, table: Hold): string[] =>
  Object.keys({ jobs: model.jobs, runs: model.jobs, users: model.users, workers: model.workers }[table]);
