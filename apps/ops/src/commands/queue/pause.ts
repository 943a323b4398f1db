import type { Command } from '../../cli/command.ts';
import { queueStatusAnswer } from '../../display/queue-status.ts';
import { openControl } from '../../queue/open-control.ts';

export const queuePause: Command = {
  name: 'queue pause',
  summary: 'workers take no further deliveries; running jobs continue',
  details: `
Loses nothing: new jobs are accepted and wait. Deadlines still apply: a job that has not ended by then fails and is
refunded. Safe to repeat.`,
  async run(_input, tools) {
    const control = await openControl(tools);
    await control.pause();
    return queueStatusAnswer(await control.status());
  },
};
