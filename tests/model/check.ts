import * as fc from 'fast-check';
import type { Settings } from './settings.ts';
import type { Tally } from './tally.ts';

/** Below this number of calls, chance alone may leave something out. */
const ENOUGH_FOR_ALL = 4_000;
/** A rare answer may be missing by chance once in a thousand runs: so many more such runs may still bring it. */
const MORE_RUNS = 5;
const TRIES_OF_ONE = 100;
const PATIENCE_MS = 20_000;

export interface Check {
  settings: Settings;
  tally: Tally;
  /** Calls in one sequence, about. */
  perSequence: number;
  /** Whether a failing sequence can be made smaller: only one that fails each time. */
  shrinks: boolean;
  /** What a run of full size must have seen, or it has shown little. */
  requiredOutcomes: Record<string, readonly string[]>;
}

/**
 * Runs sequences until about `settings.commands` calls were made, and says how many there were.
 * @throws with the history of the failing sequence and the line that runs it again; or with what was never seen.
 */
export async function check<Value>(
  name: string,
  sequences: fc.Arbitrary<Value>,
  run: (sequence: Value) => Promise<void>,
  { settings, tally, perSequence, shrinks, requiredOutcomes }: Check,
): Promise<void> {
  const started = performance.now();
  const parameters = {
    path: settings.path ?? '',
    numRuns: settings.path ? 1 : Math.max(1, Math.ceil(settings.commands / perSequence)),
    endOnFailure: !shrinks,
  };
  const checkOnce = (seed: number) =>
    fc.check(fc.asyncProperty(sequences, untilPatienceEnds(run)), { ...parameters, seed });
  const isWanting = () =>
    !settings.path && tally.total('commands') >= ENOUGH_FOR_ALL && tally.missing(requiredOutcomes).length > 0;

  let details = await checkOnce(settings.seed);
  let sequencesRun = details.numRuns;
  const goOn = async (seed: number) => {
    details = await checkOnce(seed);
    sequencesRun += details.numRuns;
  };
  // What depends on chance may go well many times: the one sequence of a path is then run again and again.
  for (let tries = 1; settings.path && !shrinks && !details.failed && tries < TRIES_OF_ONE; tries += 1) {
    await goOn(settings.seed);
  }
  for (let more = 1; isWanting() && !details.failed && more <= MORE_RUNS; more += 1) {
    await goOn(settings.seed + more);
  }
  const elapsed = ((performance.now() - started) / 1_000).toFixed(1);
  const commands = tally.total('commands');
  process.stdout.write(
    `${name}: ${commands} commands in ${sequencesRun} sequences, ${elapsed} s, seed ${settings.seed}\n${settings.tellsAll ? `${tally.report()}\n` : ''}`,
  );
  if (details.failed) {
    const { seed, counterexamplePath, errorInstance } = details;
    throw new Error(
      [
        `failed after ${commands} commands:`,
        errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
        `again: MODEL_SEED=${seed} MODEL_PATH=${counterexamplePath} npx vitest run tests/model/${name}`,
      ].join('\n'),
    );
  }
  if (isWanting()) {
    const unseen = tally.missing(requiredOutcomes).join('; ');
    throw new Error(`${commands} commands from seed ${settings.seed} on never saw: ${unseen}`);
  }
}

/** After the first failure smaller sequences are tried for a while; from then on each counts as good, which ends it. */
function untilPatienceEnds<Value>(run: (sequence: Value) => Promise<void>) {
  let failedAt = Number.POSITIVE_INFINITY;
  return async (sequence: Value): Promise<void> => {
    if (performance.now() - failedAt > PATIENCE_MS) return;
    try {
      await run(sequence);
    } catch (error) {
      failedAt = Math.min(failedAt, performance.now());
      throw error;
    }
  };
}
