import * as fc from 'fast-check';
import { afterAll, beforeAll, it } from 'vitest';
import { check } from './check.ts';
import { begin } from './commands/begin.ts';
import { type ClockedDatabase, openClockedDatabase } from './database.ts';
import { type Chosen, chosenFrom, happenings } from './repertoire.ts';
import { requiredOutcomes } from './required-outcomes.ts';
import { readSettings } from './settings.ts';
import { createTally } from './tally.ts';
import { startTrial } from './trial.ts';

const settings = readSettings(process.env, { seed: Date.now() % 1e9, commands: 6_000 });
let database: ClockedDatabase;
beforeAll(async () => {
  database = await openClockedDatabase({ connections: 1, patch: settings.patch });
});
afterAll(() => database.close());

it('answers and writes as the model says, one call after the other: a short run', { timeout: 300_000 }, () =>
  run(1_500),
);

it(
  'answers and writes as the model says, one call after the other',
  {
    timeout: 24 * 3_600_000,
    tags: ['slow'],
  },
  () => run(settings.commands),
);

async function run(commands: number): Promise<void> {
  const tally = createTally();
  const sequences = fc.tuple(
    chosenFrom([begin]),
    fc.array(chosenFrom(happenings), { minLength: 1, maxLength: 100, size: 'max' }),
  );
  const runSequence = async ([first, chosen]: [Chosen, Chosen[]]) => {
    const trial = await startTrial({ database, tally });
    for (const each of [first, ...chosen]) await trial.perform(each);
    await trial.finish();
  };
  await check('sequential', sequences, runSequence, {
    settings: { ...settings, commands },
    tally,
    perSequence: 48,
    shrinks: true,
    requiredOutcomes,
  });
}
