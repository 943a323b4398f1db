import type { Command } from '../../cli/command.ts';
import { queueStatusAnswer } from '../../display/queue-status.ts';
import { openControl } from '../../queue/open-control.ts';

export const queueStatus: Command = {
  name: 'queue status',
  summary: 'deliveries by state, and whether the queue is paused',
  async run(_input, tools) {
    const control = await openControl(tools);
    return queueStatusAnswer(await control.status());
  },
};
