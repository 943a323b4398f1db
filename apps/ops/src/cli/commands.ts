import { audit } from '../commands/audit.ts';
import { creditsGrant } from '../commands/credits-grant.ts';
import { doctor } from '../commands/doctor.ts';
import { jobsCancel } from '../commands/jobs-cancel.ts';
import { jobsList } from '../commands/jobs-list.ts';
import { jobsRequeue } from '../commands/jobs-requeue.ts';
import { jobsSettle } from '../commands/jobs-settle.ts';
import { jobsShow } from '../commands/jobs-show.ts';
import { loadtest } from '../commands/loadtest.ts';
import { models } from '../commands/models.ts';
import { queueDrain, queuePause, queueResume, queueStatus } from '../commands/queue.ts';
import { sweep } from '../commands/sweep.ts';
import { usersShow } from '../commands/users-show.ts';
import { webhooksReplay } from '../commands/webhooks-replay.ts';
import { webhooksUnresolved } from '../commands/webhooks-unresolved.ts';
import type { Command } from './command.ts';

/** Every command, in the order of the help. To add one, add a line. */
export const commands: readonly Command[] = [
  doctor,
  audit,
  jobsList,
  jobsShow,
  jobsCancel,
  jobsRequeue,
  jobsSettle,
  usersShow,
  creditsGrant,
  models,
  queueStatus,
  queuePause,
  queueResume,
  queueDrain,
  sweep,
  webhooksUnresolved,
  webhooksReplay,
  loadtest,
];
