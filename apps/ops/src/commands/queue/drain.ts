import type { Command } from '../../cli/command.ts';
import { parseDurationOption } from '../../cli/parse-values.ts';
import { queueStatusAnswer } from '../../display/queue-status.ts';
import { openControl } from '../../queue/open-control.ts';

export const queueDrain: Command = {
  name: 'queue drain',
  summary: 'pauses the queue and waits until no job runs; exits 1 on timeout',
  options: { timeout: { value: '<duration>', summary: 'how long to wait, 10m by default' } },
  details: `
For maintenance: afterwards no job runs, and everything that waits is still there. The queue stays paused until
queue resume. No delivery is removed, because the sweep would add it again.`,
  async run(input, tools) {
    const timeoutMs = parseDurationOption(input.option('timeout'), { name: '--timeout', byDefault: 600_000 });
    const control = await openControl(tools);
    const status = await control.drain({
      timeoutMs,
      signal: tools.signal,
      onStatus: ({ active, waiting }) => tools.progress(`${active} active, ${waiting} waiting`),
    });
    tools.progress('');
    return { ...queueStatusAnswer(status), code: status.active === 0 ? 0 : 1 };
  },
};
