import * as fc from 'fast-check';
import type { Settings } from './settings.ts';
import type { Tally } from './tally.ts';

/** Below this number of calls, chance alone may leave something out. */
const ENOUGH_FOR_ALL = 4_000;
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
  mustSee: Record<string, readonly string[]>;
}

/**
 * Runs sequences until about `settings.commands` calls were made, and says how many there were.
 * @throws with the history of the failing sequence and the line that runs it again.
 */
export async function check<Value>(
  name: string,
  sequences: fc.Arbitrary<Value>,
  run: (sequence: Value) => Promise<void>,
  { settings, tally, perSequence, shrinks, mustSee }: Check,
): Promise<void> {
  const started = performance.now();
  const parameters = {
    seed: settings.seed,
    path: settings.path ?? '',
    numRuns: settings.path ? 1 : Math.max(1, Math.ceil(settings.commands / perSequence)),
    endOnFailure: !shrinks,
  };
  // What depends on chance may go well many times: the one sequence of a path is then run again and again.
  let tries = settings.path && !shrinks ? TRIES_OF_ONE : 1;
  let details: fc.RunDetails<[Value]>;
  do {
    details = await fc.check(fc.asyncProperty(sequences, untilPatienceEnds(run)), parameters);
    tries -= 1;
  } while (!details.failed && tries > 0);
  const elapsed = ((performance.now() - started) / 1_000).toFixed(1);
  const count = tally.total('commands');
  process.stdout.write(
    `${name}: ${count} commands in ${details.numRuns} sequences, ${elapsed} s, seed ${details.seed}\n${settings.tellsAll ? `${tally.report()}\n` : ''}`,
  );
  if (details.failed) {
    const { seed, counterexamplePath, errorInstance } = details;
    throw new Error(
      [
        `failed after ${count} commands:`,
        errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
        `again: MODEL_SEED=${seed} MODEL_PATH=${counterexamplePath} npx vitest run tests/model/${name}`,
      ].join('\n'),
    );
  }
  const unseen = tally.missing(mustSee);
  if (count >= ENOUGH_FOR_ALL && unseen.length > 0) {
    throw new Error(`${count} commands of seed ${details.seed} never saw: ${unseen.join('; ')}`);
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
