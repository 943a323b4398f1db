import * as fc from 'fast-check';
import { afterAll, beforeAll, it } from 'vitest';
import { check } from './check.ts';
import { begin } from './commands/begin.ts';
import { mustSee } from './must-see.ts';
import { type Chosen, chosenFrom, happenings } from './repertoire.ts';
import { readSettings } from './settings.ts';
import { openDeployment, type System } from './system.ts';
import { createTally } from './tally.ts';
import { startTrial } from './trial.ts';

const settings = readSettings(process.env, { seed: Date.now() % 1e9, commands: 6_000 });
let system: System;
beforeAll(async () => {
  system = await openDeployment({ connections: 1, patch: settings.patch });
});
afterAll(() => system.close());

it('answers and writes as the model says, one call after the other: a short run', { timeout: 300_000 }, () =>
  run(600),
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
    const trial = await startTrial({ system, tally });
    for (const each of [first, ...chosen]) await trial.perform(each);
    await trial.finish();
  };
  await check('sequential', sequences, runSequence, {
    settings: { ...settings, commands },
    tally,
    perSequence: 48,
    shrinks: true,
    mustSee,
  });
}
