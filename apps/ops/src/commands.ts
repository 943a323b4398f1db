import type { Command } from './cli/command.ts';
import { audit } from './commands/audit.ts';
import { creditsGrant } from './commands/credits/grant.ts';
import { doctor } from './commands/doctor.ts';
import { jobsCancel } from './commands/jobs/cancel.ts';
import { jobsList } from './commands/jobs/list.ts';
import { jobsRequeue } from './commands/jobs/requeue.ts';
import { jobsRefund } from './commands/jobs/settle.ts';
import { jobsShow } from './commands/jobs/show.ts';
import { loadtest } from './commands/loadtest.ts';
import { models } from './commands/models.ts';
import { queueDrain } from './commands/queue/drain.ts';
import { queuePause } from './commands/queue/pause.ts';
import { queueResume } from './commands/queue/resume.ts';
import { queueStatus } from './commands/queue/status.ts';
import { sweep } from './commands/sweep.ts';
import { usersShow } from './commands/users/show.ts';
import { webhooksListUnresolved } from './commands/webhooks/list-unresolved.ts';
import { webhooksReplay } from './commands/webhooks/replay.ts';

/** Every command, in the order of the help. To add one, add a line. */
export const commands: readonly Command[] = [
  doctor,
  audit,
  jobsList,
  jobsShow,
  jobsCancel,
  jobsRequeue,
  jobsRefund,
  usersShow,
  creditsGrant,
  models,
  queueStatus,
  queuePause,
  queueResume,
  queueDrain,
  sweep,
  webhooksListUnresolved,
  webhooksReplay,
  loadtest,
];
