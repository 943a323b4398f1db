import type { QueueStatus } from '@darkroom/core/queue/control';
import type { Answer } from '../cli/command.ts';
import { facts } from './table.ts';

/** The state of the queue as JSON and as text. */
export function queueStatusAnswer(status: QueueStatus): Answer {
  const { backend, paused, waiting, active, delayed, failed, completed } = status;
  return {
    data: status,
    text: facts([
      ['queue', `${paused ? 'PAUSED' : 'open'}, on ${backend === 'redis' ? 'Redis' : 'PostgreSQL'}`],
      ['waiting', waiting],
      ['active', active],
      ['delayed', delayed],
      ['failed', failed],
      ['completed', `${completed} (kept for an hour, 1,000 at most)`],
    ]),
  };
}
