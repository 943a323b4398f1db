import type { World } from '../deployment/start.ts';
import type { Book } from '../load/book.ts';
import type { Blow } from '../storm.ts';
import type { CallTally } from './call-tally.ts';
import { judgeImages } from './images.ts';
import { judgeJobs } from './jobs.ts';
import { judgeModelCalls } from './model-calls.ts';
import { judgeMoney } from './money.ts';
import type { NewWork } from './new-work.ts';
import { judgeProcesses } from './processes.ts';
import type { JobRow } from './rows.ts';

export interface Evidence {
  rows: readonly JobRow[];
  book: Book;
  tally: CallTally;
  newWork: NewWork;
  blows: readonly Blow[];
}

/** A sentence for each promise that was broken. */
export async function judge(
  world: World,
  { rows, book, tally, newWork, blows }: Evidence,
): Promise<string[]> {
  const maxModelCalls = Number(world.variables.MAX_MODEL_CALLS ?? 8);
  const tooFew = newWork.tookMs === null;
  return [
    ...judgeJobs(rows, book),
    ...(await judgeMoney(world)),
    ...(await judgeImages(rows)),
    ...judgeModelCalls(rows, tally, maxModelCalls),
    ...(await judgeProcesses(world)),
    ...(tooFew ? [`of ${newWork.asked} new jobs after the storm too few were completed`] : []),
    ...blows.flatMap(({ nemesis, failed, did }) =>
      failed ? [`${nemesis} could not do its work: ${did}`] : [],
    ),
  ];
}
