import { openQueueControl, type QueueControl, type QueueStatus } from '@darkroom/core/queue/control';
import type { Answer, Command, Tools } from '../cli/command.ts';
import { readDuration } from '../cli/read-values.ts';
import { facts } from '../cli/table.ts';

export const queueStatus: Command = {
  name: 'queue status',
  summary: 'deliveries by state, and whether the queue is paused',
  async run(_input, tools) {
    const control = await open(tools);
    return answer(await control.status());
  },
};

export const queuePause: Command = {
  name: 'queue pause',
  summary: 'no worker takes another delivery; what is in hand goes on',
  details: `
Loses nothing: new jobs are accepted and wait. Their deadlines go on, too: what is not done by then fails and is
refunded. Safe to repeat.`,
  async run(_input, tools) {
    const control = await open(tools);
    await control.pause();
    return answer(await control.status());
  },
};

export const queueResume: Command = {
  name: 'queue resume',
  summary: 'workers take deliveries again',
  async run(_input, tools) {
    const control = await open(tools);
    await control.resume();
    return answer(await control.status());
  },
};

export const queueDrain: Command = {
  name: 'queue drain',
  summary: 'pauses, and waits until no worker has a delivery in hand; exits 1 when the time is up before',
  options: { timeout: { value: '<duration>', summary: 'how long to wait, 10m by default' } },
  details: `
For maintenance: afterwards no worker is at work, and all that waits is still there. The queue stays paused until
queue resume. No delivery is removed: one that was would be made anew by the sweeper.`,
  async run(input, tools) {
    const timeoutMs = readDuration(input.option('timeout'), { name: '--timeout', byDefault: 600_000 });
    const control = await open(tools);
    const status = await control.drain({
      timeoutMs,
      signal: tools.signal,
      onStatus: ({ active, waiting }) => tools.live(`${active} in hand, ${waiting} waiting`),
    });
    tools.live('');
    return { ...answer(status), code: status.active === 0 ? 0 : 1 };
  },
};

async function open({ queueUrl, log, afterwards }: Tools): Promise<QueueControl> {
  const control = await openQueueControl({ url: queueUrl(), log });
  afterwards(() => control.close());
  return control;
}

function answer(status: QueueStatus): Answer {
  const { backend, paused, waiting, active, delayed, failed, completed } = status;
  return {
    data: status,
    text: facts([
      ['queue', `${paused ? 'PAUSED' : 'open'}, on ${backend === 'redis' ? 'Redis' : 'PostgreSQL'}`],
      ['waiting', waiting],
      ['in hand', active],
      ['delayed', delayed],
      ['failed', failed],
      ['completed', `${completed} (kept an hour, 1,000 at most)`],
    ]),
  };
}
