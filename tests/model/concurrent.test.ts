import * as fc from 'fast-check';
import { afterAll, beforeAll, it } from 'vitest';
import { check } from './check.ts';
import { begin } from './commands/begin.ts';
import { type ClockedDatabase, type Hold, openClockedDatabase } from './database.ts';
import { type Chosen, calls, chosenFrom, happenings } from './repertoire.ts';
import { requiredOutcomes } from './required-outcomes.ts';
import { readSettings } from './settings.ts';
import { createTally } from './tally.ts';
import { startTrial } from './trial.ts';

const MOST_AT_ONCE = 6;
const settings = readSettings(process.env, { seed: Date.now() % 1e9, commands: 5_000 });
/** Outcomes that a run must see and that concurrency does not make rare. */
const mostOften = [
  'create_job',
  'claim_job',
  'heartbeat',
  'complete_job',
  'fail_job',
  'cancel_job',
  'adopt_queue_epoch',
];
let database: ClockedDatabase;

/** Something in turn, then something at once. */
interface Round {
  before: Chosen[];
  batch: Chosen[];
  /** The table whose rows are all locked until every call waits for them or has ended. */
  hold: Hold | null;
}

beforeAll(async () => {
  database = await openClockedDatabase({ connections: MOST_AT_ONCE, patch: settings.patch });
});
afterAll(() => database.close());

it('answers and writes at the same moment as it would in some order: a short run', { timeout: 300_000 }, () =>
  run(1_500),
);

it(
  'answers and writes at the same moment as it would in some order',
  {
    timeout: 24 * 3_600_000,
    tags: ['slow'],
  },
  () => run(settings.commands),
);

async function run(commands: number): Promise<void> {
  const tally = createTally();
  const batch = fc
    .tuple(
      fc.array(chosenFrom(calls), { minLength: 2, maxLength: MOST_AT_ONCE, size: 'max' }),
      fc.option(fc.record({ kind: fc.constantFrom('held', 'free', 'any'), nth: fc.nat({ max: 3 }) })),
    )
    .map(([chosen, job]) => (job ? chosen.map((each) => focus(each, job)) : chosen));
  const rounds = fc.array(
    fc.record<Round>({
      before: fc.array(chosenFrom(happenings), { maxLength: 6, size: 'max' }),
      batch,
      hold: fc.option(fc.constantFrom<Hold>('jobs', 'runs', 'users', 'workers')),
    }),
    { minLength: 6, maxLength: 10, size: 'max' },
  );
  const runSequence = async ([first, sequence]: [Chosen, Round[]]) => {
    const trial = await startTrial({ database, tally });
    await trial.perform(first);
    for (const { before, batch, hold } of sequence) {
      for (const each of before) await trial.perform(each);
      await trial.race(batch, hold);
    }
    await trial.finish();
  };
  await check('concurrent', fc.tuple(chosenFrom([begin]), rounds), runSequence, {
    settings: { ...settings, commands },
    tally,
    perSequence: 54,
    shrinks: false,
    requiredOutcomes: {
      ...Object.fromEntries(mostOften.map((name) => [name, requiredOutcomes[name]!])),
      batches: ['explained in the order sent', 'explained in another order alone'],
    },
  });
}

/** The same choice about this job: calls that meet. */
const focus = ({ command, choice }: Chosen, job: object): Chosen => ({
  command,
  choice: typeof choice === 'object' && choice !== null && 'job' in choice ? { ...choice, job } : choice,
});
