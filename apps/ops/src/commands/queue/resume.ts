import type { Command } from '../../cli/command.ts';
import { queueStatusAnswer } from '../../display/queue-status.ts';
import { openControl } from '../../queue/open-control.ts';

export const queueResume: Command = {
  name: 'queue resume',
  summary: 'workers take deliveries again',
  async run(_input, tools) {
    const control = await openControl(tools);
    await control.resume();
    return queueStatusAnswer(await control.status());
  },
};
