import * as fc from 'fast-check';
import type { Command } from './command.ts';
import { adoptEpoch } from './commands/adopt-epoch.ts';
import { advance, workOn } from './commands/advance.ts';
import { beginCall } from './commands/begin-call.ts';
import { cancel } from './commands/cancel.ts';
import { claim, redeliver } from './commands/claim.ts';
import { complete } from './commands/complete.ts';
import { crash } from './commands/crash.ts';
import { create } from './commands/create.ts';
import { listDelivered, markDelivered, markUndelivered } from './commands/deliver.ts';
import { endWorker } from './commands/end-worker.ts';
import { fail } from './commands/fail.ts';
import { grant } from './commands/grant.ts';
import { heartbeat } from './commands/heartbeat.ts';
import { insertNativeJob, updateNativeJob } from './commands/native-job.ts';
import { release } from './commands/release.ts';
import { replay } from './commands/replay.ts';
import { report } from './commands/report.ts';
import { retry } from './commands/retry.ts';
import { spend } from './commands/spend.ts';
import { sweep } from './commands/sweep.ts';
import { writeCredits } from './commands/write-credits.ts';

/** One call of the rules each: what may come at the same moment as others. */
export const calls: Command[] = [
  create,
  replay,
  claim,
  redeliver,
  heartbeat,
  endWorker,
  report,
  beginCall,
  complete,
  fail,
  retry,
  release,
  cancel,
  sweep,
  markDelivered,
  markUndelivered,
  listDelivered,
  adoptEpoch,
  writeCredits,
  spend,
  grant,
  insertNativeJob,
  updateNativeJob,
];

/** Everything that can happen in turn, the passing of time with it. */
export const happenings: Command[] = [...calls, advance, workOn, crash];

/** A command and what was chosen for it. */
export interface Chosen {
  command: Command;
  choice: unknown;
}

export const chosenFrom = (commands: readonly Command[]): fc.Arbitrary<Chosen> =>
  fc.oneof(
    ...commands.map((command) => ({
      weight: command.weight,
      arbitrary: command.choice.map((choice) => ({ command, choice })),
    })),
  );
