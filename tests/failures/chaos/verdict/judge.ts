import type { Deployment } from '../deployment/start.ts';
import type { History } from '../load/history.ts';
import type { Strike } from '../storm.ts';
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
  history: History;
  tally: CallTally;
  newWork: NewWork;
  strikes: readonly Strike[];
}

/** A sentence for each promise that was broken. */
export async function judge(
  deployment: Deployment,
  { rows, history, tally, newWork, strikes }: Evidence,
): Promise<string[]> {
  const maxModelCalls = Number(deployment.variables.MAX_MODEL_CALLS ?? 8);
  const tooFew = newWork.tookMs === null;
  return [
    ...judgeJobs(rows, history),
    ...(await judgeMoney(deployment)),
    ...(await judgeImages(rows)),
    ...judgeModelCalls(rows, tally, maxModelCalls),
    ...(await judgeProcesses(deployment)),
    ...(tooFew ? [`of ${newWork.asked} new jobs after the storm too few were completed`] : []),
    ...strikes.flatMap(({ nemesis, failed, did }) =>
      failed ? [`${nemesis} could not do its work: ${did}`] : [],
    ),
  ];
}
